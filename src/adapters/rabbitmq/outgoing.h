// A message on its way to the broker.
#pragma once

#include <amqp.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace packwalk::rabbitmq {

/// A message that may be sent partly.
struct Outgoing {
  std::string exchange;
  std::string routing_key;
  std::string content_type;
  std::string body;
  std::int64_t timestamp_ms = 0;
  bool mandatory = true;  // otherwise it may be unroutable
  bool begun = false;     // its method and its header are sent
  std::size_t sent = 0;   // bytes of the body
};

/// Sends as much of a message as there is room for: all of it, or its method and header, or a piece of its body.
/// Returns whether it is complete.
Result<bool> send_some(amqp_connection_state_t state, Outgoing& message, std::size_t room);

}  // namespace packwalk::rabbitmq
