// The internals of a link, for its own files.
#pragma once

#include <amqp.h>
#include <sys/time.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "adapters/rabbitmq/amqp_reply.h"
#include "adapters/rabbitmq/incoming.h"
#include "adapters/rabbitmq/outgoing.h"
#include "adapters/rabbitmq/socket_watch.h"

namespace packwalk::rabbitmq {

inline constexpr int frame_bytes_max = 131'072;
inline constexpr std::chrono::seconds answer_max{10};
inline constexpr timeval answer_timeout{answer_max.count(), 0};
/// The library's own timeouts come first, so that an error says what was missing.
inline constexpr std::chrono::seconds call_max = answer_max + std::chrono::seconds(2);
inline constexpr std::chrono::seconds write_max{
    5};  // limit on writes for which there is room, so that it is never reached

struct LinkHandle {
  using Clock = std::chrono::steady_clock;

  ~LinkHandle() { amqp_destroy_connection(state); }

  amqp_connection_state_t state = amqp_new_connection();
  std::string where;
  std::chrono::seconds heartbeat{0};  // that both sides agreed on
  Clock::time_point heard_at = Clock::now();
  Clock::time_point beaten_at = Clock::now();
  std::optional<Outgoing> outgoing;
  std::optional<Incoming> incoming;
  std::unique_ptr<SocketWatch> watch;  // set once there is a socket

  /// Call it before a small write: fails if the broker has not read for a while.
  Result<void> make_room() const;
};

}  // namespace packwalk::rabbitmq
