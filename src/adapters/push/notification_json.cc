#include "adapters/push/notification_json.h"

#include "base/json_writer.h"

namespace packwalk {

std::string notification_json(const Event& event, const std::string& device_id) {
  JsonWriter json;
  json.object([&] {
    json.member("type", kind_of(event));
    json.member("timestamp", time_of(event));
    json.member("device", device_id.empty() ? std::nullopt : std::optional(device_id));
    json.begin_member("data");
    json.foreign([&](std::string& text) { text.append(to_json(event)); });
  });
  return json.take();
}

}  // namespace packwalk
