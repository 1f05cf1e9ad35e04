// Frames of the broker, and the message that they bring piece by piece.
#pragma once

#include <amqp.h>

#include <cstdint>
#include <optional>

#include "adapters/rabbitmq/event.h"
#include "base/result.h"

namespace packwalk::rabbitmq {

/// A message, the rest of which is still to come.
struct Incoming {
  Delivered delivered;
  bool has_header = false;
  std::uint64_t body_bytes = 0;
};

/// What a frame of our channel tells; nothing when it is a part of a message whose rest is still to come.
Result<std::optional<Event>> take_frame(std::optional<Incoming>& incoming, const amqp_frame_t& frame);

}  // namespace packwalk::rabbitmq
