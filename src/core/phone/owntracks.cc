#include "core/phone/owntracks.h"

#include <algorithm>
#include <array>
#include <string>

namespace packwalk {
namespace {

enum Part : std::size_t { type, tst, lat, lon, alt, acc, part_count };
constexpr std::array<std::string_view, part_count> paths = {"_type", "tst", "lat", "lon", "alt", "acc"};

constexpr std::array<std::string_view, 11> types_without_a_fix = {"beacon",     "card",     "cmd",      "configuration",
                                                                  "lwt",        "request",  "status",   "steps",
                                                                  "transition", "waypoint", "waypoints"};

Named named(std::span<const JsonValue> values, Part part) { return {paths[part], values[part]}; }

Content content_of(std::span<const JsonValue> values, const PhoneRules& rules, bool may_count_from_2001) {
  const JsonValue& kind = values[type];
  if (!kind.given()) return Flaw{"_type", "is missing"};
  if (kind.kind != JsonValue::Kind::text) return Flaw{"_type", "is not a text"};
  if (kind.text == "encrypted") return Flaw{"", "encrypted"};
  if (std::find(types_without_a_fix.begin(), types_without_a_fix.end(), kind.text) != types_without_a_fix.end()) {
    return Heartbeat{"owntracks " + kind.text};
  }
  if (kind.text != "location") return Flaw{"_type", "is not known"};
  return judged({.timestamp = named(values, tst),
                 .latitude = named(values, lat),
                 .longitude = named(values, lon),
                 .altitude = values[alt],
                 .accuracy = values[acc],
                 .may_count_from_2001 = may_count_from_2001},
                rules);
}

DecodedBody decode(std::string_view body, const PhoneRules& rules, bool may_count_from_2001) {
  if (body.empty()) return one_message(body, Heartbeat{"empty body"}, rules);
  DecodedBody decoded = decode_json_elements(body, {"", paths}, rules.decode,
                                             [&rules, may_count_from_2001](std::span<const JsonValue> values) {
                                               return content_of(values, rules, may_count_from_2001);
                                             });
  if (decoded.messages.empty() && !decoded.unreadable && !decoded.too_many) {
    return one_message(body, Heartbeat{"empty array"}, rules);
  }
  return decoded;
}

}  // namespace

DecodedBody decode_owntracks(std::string_view body, const PhoneRules& rules) { return decode(body, rules, false); }

DecodedBody decode_owntracks_of_overland(std::string_view body, const PhoneRules& rules) {
  return decode(body, rules, true);
}

}  // namespace packwalk
