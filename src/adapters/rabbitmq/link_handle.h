// What is behind a link, for its own files.
#pragma once

#include <amqp.h>
#include <amqp_framing.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/rabbitmq/link.h"
#include "adapters/rabbitmq/socket_watch.h"

namespace packwalk::rabbitmq {

inline constexpr amqp_channel_t channel = 1;
inline constexpr int frame_bytes_max = 131'072;
inline constexpr std::chrono::seconds answer_max{10};
inline constexpr timeval answer_timeout{answer_max.count(), 0};
/// The library's own timeouts come first, so that an error says what was missing.
inline constexpr std::chrono::seconds call_max = answer_max + std::chrono::seconds(2);

inline amqp_bytes_t bytes_of(std::string_view text) { return {text.size(), const_cast<char*>(text.data())}; }
inline std::string text_of(amqp_bytes_t bytes) { return {static_cast<const char*>(bytes.bytes), bytes.len}; }

Failure broken(const std::string& what);
Result<void> outcome_of(const amqp_rpc_reply_t& reply);
Result<void> outcome_of(int status);
std::string reason_of(const amqp_method_t& method);

/// A message, a part of which may be sent already.
struct Outgoing {
  std::string exchange;
  std::string routing_key;
  std::string content_type;
  std::string body;
  std::int64_t timestamp_ms = 0;
  bool mandatory = true;  // else it may have nowhere to go
  bool begun = false;     // its method and its header are sent
  std::size_t sent = 0;   // bytes of the body
};

/// A message, the rest of which is still to come.
struct Incoming {
  Delivered delivered;
  bool has_header = false;
  std::uint64_t body_bytes = 0;
};

struct Link::Handle {
  using Clock = std::chrono::steady_clock;

  ~Handle() { amqp_destroy_connection(state); }

  amqp_connection_state_t state = amqp_new_connection();
  std::string where;
  std::chrono::seconds heartbeat{0};  // that both sides agreed on
  Clock::time_point heard_at = Clock::now();
  Clock::time_point beaten_at = Clock::now();
  std::optional<Outgoing> outgoing;
  std::optional<Incoming> incoming;
  std::unique_ptr<SocketWatch> watch;  // as soon as there is a socket

  /// Before anything small is written: an error when the broker reads nothing for a while.
  Result<void> make_room() const;
};

}  // namespace packwalk::rabbitmq
