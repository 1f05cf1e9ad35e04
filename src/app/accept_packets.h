// What a door does with the body of a device: decode it, put it on the queue, and say what became of it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ports/clock.h"
#include "ports/packet_queue.h"

namespace packwalk {

struct AcceptRules {
  DeviceTime earliest = device_time(1'420'070'400);  // 2015-01-01: before it a collar's clock is wrong
  std::chrono::seconds future_slack{300};            // after received_at
  std::size_t packets_max = 100'000;                 // a request
  std::uint8_t phone_status = 0;                     // the status byte of a phone's track packets
};

/// What the sender is told once its messages are safe.
struct Receipt {
  struct Invalid {
    std::size_t index = 0;
    Flaw flaw;
  };
  std::size_t taken = 0;
  std::vector<Invalid> invalid;
  std::optional<Unreadable> unreadable;  // the whole body was kept as one invalid message
};

/// Called once, from any thread; on an error nothing was kept. Errc::too_large: more packets than a request may have;
/// Errc::overloaded, Errc::unavailable: try again later.
using Accepted = std::function<void(Result<Receipt>)>;

/// Thread-safe.
class AcceptPackets {
 public:
  AcceptPackets(PacketQueue& queue, Clock& clock, const AcceptRules& rules)
      : queue_(queue), clock_(clock), rules_(rules) {}

  void accept(DeviceNumber device, Transport transport, std::string body, const Accepted& accepted) const;

  /// For a body that not even its encoding lets anyone read: it is kept as one invalid message.
  void accept_unreadable(DeviceNumber device, Transport transport, std::string body, Unreadable why,
                         const Accepted& accepted) const;

 private:
  void keep(Delivery delivery, DecodedBody decoded, const Accepted& accepted) const;

  PacketQueue& queue_;
  Clock& clock_;
  const AcceptRules rules_;
};

}  // namespace packwalk
