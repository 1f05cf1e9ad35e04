#include "adapters/rabbitmq/message_uploads.h"

#include <utility>

#include "adapters/rabbitmq/mqtt_message.h"
#include "adapters/rabbitmq/pack.h"
#include "core/packet/mqtt_topic.h"

namespace packwalk::rabbitmq {

MessageUploads::MessageUploads(std::string mqtt_exchange, SourceRules rules, Clock& clock)
    : mqtt_exchange_(std::move(mqtt_exchange)), rules_(std::move(rules)), clock_(clock) {}

/// The exchange determines the kind of a message, because a client of MQTT 5 can choose the content type.
Result<std::vector<Upload>> MessageUploads::read(const Delivered& delivered) {
  const bool is_pack = delivered.exchange.empty() && delivered.content_type == pack_type;
  auto uploads = delivered.exchange == mqtt_exchange_ ? over_mqtt(delivered)
                 : is_pack
                     ? Result<std::vector<Upload>>(uploads_from_pack(delivered.body).value_or(std::vector<Upload>()))
                     : Result<std::vector<Upload>>(std::vector<Upload>());
  if (!uploads) return uploads;
  for (Upload& upload : *uploads) {
    upload.redelivered = delivered.redelivered;
    rules_.decode(upload);
  }
  return uploads;
}

Result<std::vector<Upload>> MessageUploads::over_mqtt(const Delivered& delivered) {
  std::vector<Upload> one;
  const auto id = device_of_packets_key(delivered.routing_key);
  if (!id) return one;
  const auto device = rules_.find_device(*id);
  if (!device) return device.failure();
  if (!*device) return one;
  Upload upload{.device = **device,
                .received_at = delivered.timestamp_ms > 0 ? received_at_of(delivered.timestamp_ms, delivered.body)
                                                          : clock_.stamp(),
                .transport = transport_of(delivered.body),
                .body = delivered.body};
  if (upload.body.size() > rules_.mqtt_bytes_max) {
    upload.unreadable = "the body has more than " + std::to_string(rules_.mqtt_bytes_max) + " bytes";
  }
  one.push_back(std::move(upload));
  return one;
}

}  // namespace packwalk::rabbitmq
