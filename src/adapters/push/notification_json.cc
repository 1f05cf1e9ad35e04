#include "adapters/push/notification_json.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "base/time_text.h"

namespace packwalk {

std::string notification_json(const Event& event, const std::string& device_id) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  const auto string = [&](std::string_view text) {
    json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  };
  json.StartObject();
  json.Key("type");
  string(kind_of(event));
  json.Key("timestamp");
  string(iso_text(time_of(event)));
  json.Key("device");
  if (device_id.empty()) {
    json.Null();
  } else {
    string(device_id);
  }
  json.Key("number");
  json.Int64(device_of(event).value);
  json.Key("data");
  const std::string facts = to_json(event);
  json.RawValue(facts.data(), facts.size(), rapidjson::kObjectType);
  json.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace packwalk
