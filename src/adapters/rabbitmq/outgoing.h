// A message on its way to the broker.
#pragma once

#include <amqp.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace packwalk::rabbitmq {

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

/// As much of a message as there is room for: all of it at once, or its method and header, or a piece of its body.
/// Returns whether that was the end of it.
Result<bool> send_some(amqp_connection_state_t state, Outgoing& message, std::size_t room);

}  // namespace packwalk::rabbitmq
