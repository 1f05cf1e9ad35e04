#include "adapters/rabbitmq/outgoing.h"

#include <algorithm>
#include <string_view>

#include "adapters/rabbitmq/amqp_reply.h"
#include "adapters/rabbitmq/message_content.h"

namespace packwalk::rabbitmq {
namespace {

constexpr std::size_t around_body_bytes_max = 1024;  // method and header of a message
constexpr std::size_t around_frame_bytes = 8;

/// The whole message, or only its method and header if it is too large for the room.
Result<bool> begin(amqp_connection_state_t state, Outgoing& message, std::size_t room) {
  Properties properties(message.content_type, message.timestamp_ms);
  const amqp_boolean_t mandatory = message.mandatory ? 1 : 0;
  if (message.body.size() + around_body_bytes_max <= room) {
    auto sent = outcome_of(amqp_basic_publish(state, channel, bytes_of(message.exchange), bytes_of(message.routing_key),
                                              mandatory, 0, properties.get(), bytes_of(message.body)));
    if (!sent) return sent.failure();
    return true;
  }
  amqp_basic_publish_t method{};
  method.exchange = bytes_of(message.exchange);
  method.routing_key = bytes_of(message.routing_key);
  method.mandatory = mandatory;
  if (auto sent = outcome_of(amqp_send_method(state, channel, AMQP_BASIC_PUBLISH_METHOD, &method)); !sent) {
    return sent.failure();
  }
  amqp_frame_t header{};
  header.frame_type = AMQP_FRAME_HEADER;
  header.channel = channel;
  header.payload.properties.class_id = AMQP_BASIC_CLASS;
  header.payload.properties.body_size = message.body.size();
  header.payload.properties.decoded = properties.get();
  if (auto sent = outcome_of(amqp_send_frame(state, &header)); !sent) return sent.failure();
  message.begun = true;
  return message.body.empty();
}

}  // namespace

Result<bool> send_some(amqp_connection_state_t state, Outgoing& message, std::size_t room) {
  if (!message.begun) return begin(state, message, room);
  const std::size_t frame_max = static_cast<std::size_t>(amqp_get_frame_max(state)) - around_frame_bytes;
  const std::size_t size = std::min({room, frame_max, message.body.size() - message.sent});
  amqp_frame_t piece{};
  piece.frame_type = AMQP_FRAME_BODY;
  piece.channel = channel;
  piece.payload.body_fragment = bytes_of(std::string_view(message.body).substr(message.sent, size));
  if (auto sent = outcome_of(amqp_send_frame(state, &piece)); !sent) return sent.failure();
  message.sent += size;
  return message.sent == message.body.size();
}

}  // namespace packwalk::rabbitmq
