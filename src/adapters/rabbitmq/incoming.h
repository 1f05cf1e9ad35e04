// Frames from the broker, and the message that they carry in pieces.
#pragma once

#include <amqp.h>

#include <cstdint>
#include <optional>

#include "adapters/rabbitmq/event.h"
#include "base/result.h"

namespace packwalk::rabbitmq {

/// A message that is not complete yet.
struct Incoming {
  Delivered delivered;
  bool has_header = false;
  std::uint64_t body_bytes = 0;
};

/// The event of a frame of our channel; empty if it is part of an incomplete message.
Result<std::optional<Event>> take_frame(std::optional<Incoming>& incoming, const amqp_frame_t& frame);

}  // namespace packwalk::rabbitmq
