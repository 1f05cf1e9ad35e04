// The queues that the contract runs on. A new one is a line in queues.cc.
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "adapters/rabbitmq/broker.h"
#include "ports/packet_queue.h"

namespace packwalk {

inline constexpr std::size_t messages_max = 10;
inline constexpr std::size_t bytes_max = 100;

/// A queue with both its ends, empty at first.
class QueueEnds {
 public:
  virtual ~QueueEnds() = default;
  virtual PacketIntake& intake() = 0;
  virtual PacketSource& source() = 0;
  /// How many dead letters wait for the operator.
  virtual std::size_t dead_letters() = 0;
};

struct QueueAdapter {
  std::string name;
  std::function<std::unique_ptr<QueueEnds>()> make;

  friend std::ostream& operator<<(std::ostream& out, const QueueAdapter& adapter) { return out << adapter.name; }
};

/// Those that take any test.
std::vector<QueueAdapter> queue_adapters();
/// Those within a process, which are full at messages_max messages and at bytes_max bytes.
std::vector<QueueAdapter> in_process_queue_adapters();

inline constexpr auto name_of_queue = [](const auto& each) { return each.param.name; };

/// At the broker that tools/with_servers.py started; throws when there is none.
BrokerOptions broker_of_a_new_queue();

/// A body that says how many messages are in it, as queues may decode it anew.
std::string body_of_messages(std::size_t messages, std::size_t size);
void decode_counted_body(Upload& upload);

}  // namespace packwalk
