#include "adapters/rabbitmq/incoming.h"

#include <utility>

#include "adapters/rabbitmq/amqp_reply.h"
#include "adapters/rabbitmq/message_content.h"

namespace packwalk::rabbitmq {
namespace {

constexpr std::uint64_t message_bytes_max = 536'870'912;  // the limit of RabbitMQ itself

/// The incoming message, if `frame` completes it.
Result<std::optional<Event>> take_content(std::optional<Incoming>& incoming, const amqp_frame_t& frame) {
  if (!incoming) return broken("content without a message");
  if (frame.frame_type == AMQP_FRAME_HEADER) {
    incoming->has_header = true;
    incoming->body_bytes = frame.payload.properties.body_size;
    read_properties(*static_cast<const amqp_basic_properties_t*>(frame.payload.properties.decoded),
                    incoming->delivered);
  } else {
    incoming->delivered.body.append(static_cast<const char*>(frame.payload.body_fragment.bytes),
                                    frame.payload.body_fragment.len);
  }
  if (incoming->body_bytes > message_bytes_max || incoming->delivered.body.size() > incoming->body_bytes) {
    return broken("a message is larger than the limit of RabbitMQ");
  }
  if (!incoming->has_header || incoming->delivered.body.size() < incoming->body_bytes) return std::optional<Event>();
  std::optional<Event> event(std::move(incoming->delivered));
  incoming.reset();
  return event;
}

/// The event of a method; empty if it begins a message.
Result<std::optional<Event>> take_method(std::optional<Incoming>& incoming, const amqp_method_t& method) {
  switch (method.id) {
    case AMQP_BASIC_ACK_METHOD: {
      const auto* ack = static_cast<const amqp_basic_ack_t*>(method.decoded);
      return std::optional<Event>(Confirmed{ack->delivery_tag, ack->multiple != 0, true});
    }
    case AMQP_BASIC_NACK_METHOD: {
      const auto* nack = static_cast<const amqp_basic_nack_t*>(method.decoded);
      return std::optional<Event>(Confirmed{nack->delivery_tag, nack->multiple != 0, false});
    }
    case AMQP_CONNECTION_BLOCKED_METHOD: {
      const auto* blocked = static_cast<const amqp_connection_blocked_t*>(method.decoded);
      return std::optional<Event>(Blocked{true, text_of(blocked->reason)});
    }
    case AMQP_CONNECTION_UNBLOCKED_METHOD:
      return std::optional<Event>(Blocked{});
    case AMQP_BASIC_CANCEL_METHOD:
      return broken("the queue was deleted");
    case AMQP_BASIC_DELIVER_METHOD: {
      const auto* deliver = static_cast<const amqp_basic_deliver_t*>(method.decoded);
      incoming = Incoming{.delivered = {.tag = deliver->delivery_tag,
                                        .redelivered = deliver->redelivered != 0,
                                        .exchange = text_of(deliver->exchange),
                                        .routing_key = text_of(deliver->routing_key)}};
      return std::optional<Event>();
    }
    default:
      return broken(reason_of(method));
  }
}

}  // namespace

Result<std::optional<Event>> take_frame(std::optional<Incoming>& incoming, const amqp_frame_t& frame) {
  if (frame.frame_type == AMQP_FRAME_METHOD) return take_method(incoming, frame.payload.method);
  const bool is_content = frame.frame_type == AMQP_FRAME_HEADER || frame.frame_type == AMQP_FRAME_BODY;
  return is_content ? take_content(incoming, frame) : Result<std::optional<Event>>(std::optional<Event>());
}

}  // namespace packwalk::rabbitmq
