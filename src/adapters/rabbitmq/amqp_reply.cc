#include "adapters/rabbitmq/amqp_reply.h"

namespace packwalk::rabbitmq {

Failure broken(const std::string& what) { return fail(Errc::unavailable, "RabbitMQ: " + what); }

std::string reason_of(const amqp_method_t& method) {
  if (method.id == AMQP_CONNECTION_CLOSE_METHOD) {
    return text_of(static_cast<const amqp_connection_close_t*>(method.decoded)->reply_text);
  }
  if (method.id == AMQP_CHANNEL_CLOSE_METHOD) {
    return text_of(static_cast<const amqp_channel_close_t*>(method.decoded)->reply_text);
  }
  return "an unexpected answer";
}

Result<void> outcome_of(const amqp_rpc_reply_t& reply) {
  switch (reply.reply_type) {
    case AMQP_RESPONSE_NORMAL:
      return {};
    case AMQP_RESPONSE_SERVER_EXCEPTION:
      return broken(reason_of(reply.reply));
    case AMQP_RESPONSE_LIBRARY_EXCEPTION:
      return broken(amqp_error_string2(reply.library_error));
    case AMQP_RESPONSE_NONE:
      break;
  }
  return broken("no answer");
}

Result<void> outcome_of(int status) {
  if (status == AMQP_STATUS_OK) return {};
  return broken(amqp_error_string2(status));
}

}  // namespace packwalk::rabbitmq
