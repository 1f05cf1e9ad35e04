// What a broker tells a link.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace packwalk::rabbitmq {

/// The broker has taken, or has refused, what was published under `tag` (counted from 1), or all up to it.
struct Confirmed {
  std::uint64_t tag = 0;
  bool multiple = false;
  bool taken = false;
};

struct Delivered {
  std::uint64_t tag = 0;
  bool redelivered = false;
  std::string exchange;  // where it was published, and how; of a dead letter before it died
  std::string routing_key;
  std::string content_type;
  std::int64_t timestamp_ms = 0;  // when the broker got it; 0 where it does not tell
  std::string body;
};

/// The broker takes no publishes while it lacks memory or disk; it says so only after one was sent to it.
struct Blocked {
  bool blocked = false;
  std::string reason;
};

using Event = std::variant<Confirmed, Delivered, Blocked>;

}  // namespace packwalk::rabbitmq
