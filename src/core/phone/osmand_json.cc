// The OsmAnd protocol as JSON.
#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/token.h"
#include "core/phone/named_paths.h"
#include "core/phone/osmand.h"
#include "core/phone/osmand_fix.h"

namespace packwalk {
namespace {

using osmand::fix_or_heartbeat, osmand::is_false, osmand::split_location, osmand::unreadable, osmand::untrusted;
using osmand::fix_parts, osmand::identifier_names, osmand::lat, osmand::location, osmand::lon, osmand::push_token;

static_assert(location == NamedPaths::first_of_more);
enum JsonPart : std::size_t { device_id = push_token + 1, first_validity };

/// Where an object says whether its client trusts its position, and where each location of a batch does.
constexpr std::array<std::string_view, 3> validity_names = {"valid", "location.valid", "location.coords.valid"};
constexpr std::array<std::string_view, 2> batch_validity_names = {"valid", "coords.valid"};
constexpr std::array<std::string_view, first_validity + validity_names.size()> json_paths = {
    "location.timestamp",
    "location.coords.latitude",
    "location.coords.longitude",
    "location.coords.altitude",
    "location.coords.accuracy",
    "location",
    "notificationToken",
    "device_id",
    "valid",
    "location.valid",
    "location.coords.valid"};
constexpr std::array<std::string_view, fix_parts> batch_paths = {"timestamp", "coords.latitude", "coords.longitude",
                                                                 "coords.altitude", "coords.accuracy"};
bool any_is_false(std::span<const JsonValue> values) { return std::any_of(values.begin(), values.end(), is_false); }

bool any_given(std::span<const JsonValue> values) {
  return std::any_of(values.begin(), values.end(), [](const JsonValue& value) { return value.given(); });
}

Content content_of_json(std::span<const JsonValue> values, const PhoneRules& rules) {
  if (values[push_token].given() && !values[location].given()) return Heartbeat{"push token"};
  const bool is_untrusted = any_is_false(values.subspan(first_validity));
  if (is_untrusted && rules.decode.decoders == Decoders::now) return untrusted();
  return fix_or_heartbeat(values, rules);
}

/// What an object says by all names that clients have for a fix, and whether it says anything.
struct OtherReading {
  DecodedBody decoded;
  bool has_position = false;
  bool any = false;
};

OtherReading read_by_all_names(std::string_view body, const PhoneRules& rules) {
  static const NamedPaths everywhere = [] {
    std::vector<std::string_view> more;
    more.reserve(1 + identifier_names.size() + validity_names.size());
    more.emplace_back("location");
    for (const std::string_view name : identifier_names) more.push_back(name);
    for (const std::string_view name : validity_names) more.push_back(name);
    return NamedPaths({"location.coords.", "location.", ""}, more);
  }();
  OtherReading reading;
  const auto judge = [&](std::span<const JsonValue> values) -> Content {
    auto chosen = everywhere.chosen(values);
    const auto more = everywhere.more(values);
    reading.any = any_given(more.first(more.size() - validity_names.size()));
    reading.has_position = chosen[lat].given() || chosen[lon].given();
    if (!reading.has_position && chosen[location].kind == JsonValue::Kind::text) {
      reading.has_position = true;
      if (auto flaw = split_location(chosen)) return *std::move(flaw);
    }
    if (any_is_false(more.last(validity_names.size()))) return untrusted();
    return fix_or_heartbeat(chosen, rules);
  };
  reading.decoded = decode_json_elements(body, everywhere.plan(""), rules.decode, judge);
  return reading;
}

DecodedBody decode_batch(std::string_view body, const PhoneRules& rules) {
  static const NamedPaths everywhere({"coords.", ""}, batch_validity_names);
  const bool by_all_names = rules.decode.decoders == Decoders::now;
  const JsonPlan plan = by_all_names ? everywhere.plan("location") : JsonPlan{"location", batch_paths};
  DecodedBody decoded =
      decode_json_elements(body, plan, rules.decode, [&](std::span<const JsonValue> values) -> Content {
        if (!by_all_names) return fix_or_heartbeat(values, rules);
        if (any_is_false(everywhere.more(values))) return untrusted();
        return fix_or_heartbeat(everywhere.chosen(values), rules);
      });
  if (!decoded.messages.empty() || decoded.unreadable || decoded.too_many) return decoded;
  if (by_all_names) {
    OtherReading beside = read_by_all_names(body, rules);
    if (beside.has_position) return std::move(beside.decoded);
  }
  return one_message(body, Heartbeat{"heartbeat: no position"}, rules);
}

bool is_one_packet(const DecodedBody& decoded) {
  return decoded.messages.size() == 1 && is_packet(decoded.messages[0].content);
}

bool is_array(std::string_view json) {
  const std::size_t first = json.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && json[first] == '[';
}

}  // namespace

std::optional<std::string> osmand_json_identifier(std::string_view body) {
  std::optional<std::string> identifier;
  if (is_array(body)) return identifier;
  const JsonPlan plan{.array_key = "", .paths = identifier_names, .any_case = true};
  const DecodedBody decoded = decode_json_elements(body, plan, {.packets_max = 1, .is_part = true},
                                                   [&identifier](std::span<const JsonValue> values) {
                                                     for (const JsonValue& value : values) {
                                                       if (value.kind != JsonValue::Kind::text || value.text.empty())
                                                         continue;
                                                       if (!identifier || is_token(value.text)) identifier = value.text;
                                                       if (is_token(value.text)) break;
                                                     }
                                                     return Content(Heartbeat{});
                                                   });
  return decoded.unreadable ? std::nullopt : identifier;
}

DecodedBody decode_osmand_json(std::string_view body, const PhoneRules& rules) {
  if (is_array(body)) return unreadable("it is an array");  // of one device or of several: nobody said
  bool any = false;
  bool batch = false;
  DecodedBody decoded =
      decode_json_elements(body, {"", json_paths}, rules.decode, [&](std::span<const JsonValue> values) {
        any |= values[location].given() || values[push_token].given() || values[device_id].given();
        batch |= values[location].kind == JsonValue::Kind::array;
        return content_of_json(values, rules);
      });
  if (batch && !decoded.too_many) return decode_batch(body, rules);  // a value that spoils one of them spoils the whole
  if (decoded.unreadable || decoded.too_many) return decoded;
  if (!is_one_packet(decoded) && rules.decode.decoders == Decoders::now) {
    OtherReading other = read_by_all_names(body, rules);
    if (other.has_position) return std::move(other.decoded);
    any |= other.any;
  }
  if (!any) return unreadable("there is neither a location nor a device_id in it");
  return decoded;
}

}  // namespace packwalk
