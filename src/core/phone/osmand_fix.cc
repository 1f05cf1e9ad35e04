#include "core/phone/osmand_fix.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/text.h"

namespace packwalk::osmand {
namespace {

JsonValue seconds_value(ServerTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return {.kind = JsonValue::Kind::number, .number = static_cast<double>(seconds_since_1970(seconds)), .text = ""};
}

}  // namespace

JsonValue text_value(std::string text) { return {.kind = JsonValue::Kind::text, .text = std::move(text)}; }

std::optional<Flaw> split_location(std::span<JsonValue> values) {
  const std::string& both = values[location].text;
  const std::size_t comma = both.find(',');
  if (comma == std::string::npos) return Flaw{"location", "is not lat,lon"};
  const bool twice = values[location].twice;
  values[lat] = text_value(both.substr(0, comma));
  values[lon] = text_value(both.substr(comma + 1));
  values[lat].twice = values[lon].twice = twice;
  return std::nullopt;
}

Content fix_or_heartbeat(std::span<const JsonValue> values, const PhoneRules& rules) {
  if (!values[lat].given() && !values[lon].given()) return Heartbeat{"heartbeat: no position"};
  for (const Part part : {timestamp, lat, lon}) {
    const bool is_of_two = values[part].twice && rules.decode.decoders == Decoders::now;
    if (is_of_two) return Flaw{std::string(own_fix_names[part].name), "is given twice"};
  }
  const JsonValue received_at = seconds_value(rules.received_at);
  return judged({.timestamp = {"timestamp", values[timestamp].given() ? values[timestamp] : received_at},
                 .latitude = {"lat", values[lat]},
                 .longitude = {"lon", values[lon]},
                 .altitude = values[altitude],
                 .accuracy = values[accuracy]},
                rules);
}

bool is_false(const JsonValue& value) {
  using Kind = JsonValue::Kind;
  if (value.kind == Kind::boolean) return value.number == 0;
  if (const auto number = number_of(value)) return *number == 0;
  // As in files (replay/csv_recording): V is NMEA's void.
  constexpr std::array<std::string_view, 10> words = {"false", "f",       "no", "n",    "no fix",
                                                      "nofix", "invalid", "v",  "void", "none"};
  const std::string text = value.kind == Kind::text ? lower_case(trimmed(value.text)) : "";
  return std::find(words.begin(), words.end(), text) != words.end();
}

Flaw untrusted() { return {"valid", "is false: the client does not trust its position"}; }

DecodedBody unreadable(std::string reason) {
  DecodedBody decoded;
  decoded.unreadable = Unreadable{0, std::move(reason)};
  return decoded;
}

}  // namespace packwalk::osmand
