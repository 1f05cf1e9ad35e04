#include "core/packet/json_form.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <optional>
#include <utility>

#include "base/json_writer.h"
#include "base/text.h"
#include "core/packet/json_elements.h"

namespace packwalk {
namespace {

enum Field : std::size_t { type, status, timestamp, lat, lon, altitude, accuracy, activity, steps, field_count };
constexpr std::array<std::string_view, field_count> field_names = {"type",     "status",   "timestamp", "lat",  "lon",
                                                                   "altitude", "accuracy", "activity",  "steps"};

using Object = std::span<const JsonValue>;

std::string field_name(Field field) { return std::string(field_names[field]); }

bool is_number(const JsonValue& value) { return value.kind == JsonValue::Kind::number && !std::isnan(value.number); }
bool is_text(const JsonValue& value) { return value.kind == JsonValue::Kind::text; }

/// The first field of `wanted` that is missing or no number.
std::optional<Flaw> flaw_of_numbers(Object object, std::initializer_list<Field> wanted) {
  for (const Field field : wanted) {
    if (!object[field].given()) return Flaw{field_name(field), "is missing"};
    if (!is_number(object[field])) return Flaw{field_name(field), "is not a number"};
  }
  return std::nullopt;
}

/// The first field of `optional` that is there and no number.
std::optional<Flaw> flaw_of_optional_numbers(Object object, std::initializer_list<Field> optional) {
  for (const Field field : optional) {
    if (object[field].given() && !is_number(object[field])) return Flaw{field_name(field), "is not a number"};
  }
  return std::nullopt;
}

double status_of(Object object) { return object[status].given() ? object[status].number : 0; }

MaybeMeters length_of(const JsonValue& value) { return is_number(value) ? MaybeMeters(value.number) : MaybeMeters(); }

std::optional<Activity> activity_of(const JsonValue& value) {
  return is_text(value)     ? activity_from_name(value.text)
         : is_number(value) ? activity_from_number(value.number)
                            : std::nullopt;
}

Content track_of(Object object, const DecodeRules& rules) {
  if (auto flaw = flaw_of_numbers(object, {timestamp, lat, lon})) return *std::move(flaw);
  if (rules.decoders == Decoders::first) {
    if (auto flaw = flaw_of_optional_numbers(object, {altitude, accuracy})) return *std::move(flaw);
  }
  return checked(RawTrack{.status = status_of(object),
                          .seconds = object[timestamp].number,
                          .latitude = object[lat].number,
                          .longitude = object[lon].number,
                          .altitude = length_of(object[altitude]),
                          .accuracy = length_of(object[accuracy])},
                 rules.believed);
}

Content activity_packet_of(Object object, const TimeWindow& believed) {
  if (auto flaw = flaw_of_numbers(object, {timestamp, steps})) return *std::move(flaw);
  if (!object[activity].given()) return Flaw{field_name(activity), "is missing"};
  return checked(RawActivity{.status = status_of(object),
                             .seconds = object[timestamp].number,
                             .activity = activity_of(object[activity]),
                             .steps = object[steps].number},
                 believed);
}

Content content_of(Object object, const DecodeRules& rules) {
  for (std::size_t field = 0; field < field_count; ++field) {
    if (object[field].twice) return Flaw{field_name(static_cast<Field>(field)), "is given twice"};
  }
  if (auto flaw = flaw_of_optional_numbers(object, {status})) return *std::move(flaw);
  if (!object[type].given()) return Flaw{field_name(type), "is missing"};
  const auto family = std::find_if(families.begin(), families.end(), [&](Family each) {
    return is_text(object[type]) && object[type].text == name_of(each);
  });
  if (family == families.end()) return Flaw{field_name(type), "is neither track nor activity"};
  switch (*family) {
    case Family::track:
      return track_of(object, rules);
    case Family::activity:
      return activity_packet_of(object, rules.believed);
  }
  return Flaw{};
}

std::string located(const Unreadable& what) {
  return what.reason + " at byte " + std::to_string(what.byte_offset) + " of the body";
}

}  // namespace

DecodedBody decode_json(std::string_view body, const DecodeRules& rules) {
  return decode_json_elements(body, {"", field_names}, rules,
                              [&rules](Object object) { return content_of(object, rules); });
}

DecodedBody decode_ndjson(std::string_view body, const DecodeRules& rules) {
  DecodeRules of_line = rules;
  of_line.is_part = true;
  DecodedBody decoded;
  std::optional<Unreadable> first_fault;
  bool any_read = false;
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t offset = at;
    const std::string_view line = next_line(body, at);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (decoded.messages.size() == rules.packets_max) {
      decoded.too_many = true;
      return decoded;
    }
    DecodedBody one = decode_json(line, of_line);
    if (one.unreadable) {
      one.unreadable->byte_offset += offset;
      if (!first_fault) first_fault = one.unreadable;
      decoded.messages.push_back({offset, line.size(), Flaw{"", "line is not JSON: " + located(*one.unreadable)}});
    } else if (one.messages.size() != 1 || line[line.find_first_not_of(" \t\r")] == '[') {
      decoded.messages.push_back({offset, line.size(), Flaw{"", "line is not one object"}});
      any_read = true;
    } else {
      decoded.messages.push_back({offset, line.size(), std::move(one.messages[0].content)});
      any_read = true;
    }
  }
  if (!any_read) {
    decoded.messages.clear();
    decoded.unreadable = first_fault ? *first_fault : Unreadable{0, "the body is empty"};
  }
  return decoded;
}

namespace {

constexpr std::size_t packet_bytes = 192;

/// A packet as an object: the members that all packets have, then those that `write` adds.
template <class Packet, class Write>
std::string object_of(const Packet& packet, const Write& write) {
  JsonWriter json(packet_bytes);
  json.object([&] {
    json.member("type", name_of(packet.family));
    json.member("status", packet.status);
    json.member("timestamp", seconds_since_1970(packet.timestamp));
    write(json);
  });
  return json.take();
}

}  // namespace

std::string encode_json(const TrackPacket& packet) {
  return object_of(packet, [&](JsonWriter& json) {
    json.member("lat", packet.position.latitude());
    json.member("lon", packet.position.longitude());
    if (packet.altitude.known()) json.member("altitude", packet.altitude.value_or(0));
    if (packet.accuracy.known()) json.member("accuracy", packet.accuracy.value_or(0));
  });
}

std::string encode_json(const ActivityPacket& packet) {
  return object_of(packet, [&](JsonWriter& json) {
    json.member("activity", name_of(packet.activity));
    json.member("steps", packet.steps);
  });
}

}  // namespace packwalk
