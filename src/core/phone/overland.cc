#include "core/phone/overland.h"

#include <array>

namespace packwalk {
namespace {

enum Place : std::size_t { longitude, latitude, timestamp, altitude, accuracy, action, place_count };
constexpr std::array<std::string_view, place_count> places = {
    "geometry.coordinates[0]", "geometry.coordinates[1]",        "properties.timestamp",
    "properties.altitude",     "properties.horizontal_accuracy", "properties.action"};

Content content_of(std::span<const JsonValue> values, const PhoneRules& rules) {
  if (values[action].given()) return Notice{"overland event: no fix"};
  if (!number_of(values[longitude]) || !number_of(values[latitude])) return Notice{"overland feature: no position"};
  return judged({.timestamp = {"timestamp", values[timestamp]},
                 .latitude = {"lat", values[latitude]},
                 .longitude = {"lon", values[longitude]},
                 .altitude = values[altitude],
                 .accuracy = values[accuracy]},
                rules);
}

}  // namespace

DecodedBody decode_overland(std::string_view body, const PhoneRules& rules) {
  DecodedBody decoded =
      decode_json_elements(body, {"locations", places}, rules.decode,
                           [&rules](std::span<const JsonValue> values) { return content_of(values, rules); });
  if (decoded.messages.empty() && !decoded.unreadable && !decoded.too_many) {
    return one_message(body, Notice{"no locations"}, rules);
  }
  return decoded;
}

}  // namespace packwalk
