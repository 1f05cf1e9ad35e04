#include "core/phone/overland.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace packwalk {
namespace {

enum Part : std::size_t { longitude, latitude, timestamp, altitude, accuracy, action, part_count };
constexpr std::array<std::string_view, part_count> paths = {"geometry.coordinates[0]",        "geometry.coordinates[1]",
                                                            "properties.timestamp",           "properties.altitude",
                                                            "properties.horizontal_accuracy", "properties.action"};

Content content_of(std::span<const JsonValue> values, const PhoneRules& rules) {
  if (values[action].given()) return Heartbeat{"overland event: no fix"};
  if (!number_of(values[longitude]) || !number_of(values[latitude])) return Heartbeat{"overland feature: no position"};
  return judged({.timestamp = {"timestamp", values[timestamp]},
                 .latitude = {"lat", values[latitude]},
                 .longitude = {"lon", values[longitude]},
                 .altitude = values[altitude],
                 .accuracy = values[accuracy]},
                rules);
}

using Messages = std::vector<DecodedMessage>;

std::optional<DeviceTime> time_of(const DecodedMessage& message) {
  const auto* track = std::get_if<TrackPacket>(&message.content);
  return track ? std::optional(track->timestamp) : std::nullopt;
}

bool is_later_than_all(DeviceTime time, const Messages& messages) {
  return std::all_of(messages.begin(), messages.end(), [time](const DecodedMessage& message) {
    const auto other = time_of(message);
    return !other || *other < time;
  });
}

DecodedBody decode_at(std::string_view key, bool takes_object, std::string_view body, const PhoneRules& rules) {
  const JsonPlan plan{.array_key = key, .paths = paths, .takes_object = takes_object};
  return decode_json_elements(body, plan, rules.decode,
                              [&rules](std::span<const JsonValue> values) { return content_of(values, rules); });
}

/// The current position of the phone, which it sends beside a backlog. It is repeated later in the backlog, so it
/// counts only if it is later than all of the batch.
void add_current(std::string_view body, const PhoneRules& rules, DecodedBody& decoded) {
  if (body.find(R"("current")") == std::string_view::npos) return;
  DecodedBody current = decode_at("current", true, body, rules);
  if (current.messages.size() != 1 || body[current.messages[0].offset] != '{') return;
  DecodedMessage& message = current.messages[0];
  const auto time = time_of(message);
  if (!time || !is_later_than_all(*time, decoded.messages)) return;
  decoded.too_many = decoded.messages.size() == rules.decode.packets_max;
  if (decoded.too_many) return;
  const auto is_behind = [&message](const DecodedMessage& other) { return other.offset > message.offset; };
  const auto at = std::find_if(decoded.messages.begin(), decoded.messages.end(), is_behind);
  decoded.messages.insert(at, std::move(message));
}

}  // namespace

DecodedBody decode_overland(std::string_view body, const PhoneRules& rules) {
  DecodedBody decoded = decode_at("locations", false, body, rules);
  if (decoded.unreadable || decoded.too_many) return decoded;
  add_current(body, rules, decoded);
  if (decoded.messages.empty() && !decoded.too_many) return one_message(body, Heartbeat{"no locations"}, rules);
  return decoded;
}

}  // namespace packwalk
