// Events that a link receives from the broker.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace packwalk::rabbitmq {

/// The broker has confirmed or rejected the publish `tag` (counted from 1), or all up to it.
struct Confirmed {
  std::uint64_t tag = 0;
  bool multiple = false;
  bool taken = false;
};

struct Delivered {
  std::uint64_t tag = 0;
  bool redelivered = false;
  std::string exchange;  // where and how it was published; for a dead letter, the original values
  std::string routing_key;
  std::string content_type;
  std::int64_t timestamp_ms = 0;  // when the broker received it; 0 if unknown
  std::string body;
};

/// The broker accepts no publishes while it lacks memory or disk. It reports that only after a publish.
struct Blocked {
  bool blocked = false;
  std::string reason;
};

using Event = std::variant<Confirmed, Delivered, Blocked>;

}  // namespace packwalk::rabbitmq
