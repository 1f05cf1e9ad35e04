#include "core/phone/osmand.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "base/text.h"
#include "base/typed_text.h"

namespace packwalk {
namespace {

/// The first five tell a fix, in every dialect.
enum Place : std::size_t { timestamp, lat, lon, altitude, accuracy, location, push_token, fix_places = location };

/// What only one dialect has, after those.
enum FormPlace : std::size_t { valid = push_token + 1, form_place_count };
enum JsonPlace : std::size_t { device_id = push_token + 1, json_place_count };

constexpr std::array<std::string_view, form_place_count> form_names = {
    "timestamp", "lat", "lon", "altitude", "accuracy", "location", "notificationToken", "valid"};
/// Of these, and of those above, the protocol says what they are.
constexpr std::array<std::string_view, 13> other_form_names = {"id",   "deviceid",       "speed",  "bearing", "heading",
                                                               "hdop", "batt",           "charge", "alarm",   "cell",
                                                               "wifi", "driverUniqueId", "event"};
/// How the templates of other apps call the first three. A `time` that is none (a clock alone) is not read.
constexpr std::array<std::string_view, 3> stand_in_names = {"time", "latitude", "longitude"};
static_assert(timestamp == 0 && lat == 1 && lon == 2);
constexpr std::array<std::string_view, 5> place_names = {"lat", "lon", "location", "latitude", "longitude"};
constexpr std::array<std::string_view, json_place_count> json_places = {
    "location.timestamp",        "location.coords.latitude",
    "location.coords.longitude", "location.coords.altitude",
    "location.coords.accuracy",  "location",
    "notificationToken",         "device_id"};
constexpr std::array<std::string_view, fix_places> batch_places = {"timestamp", "coords.latitude", "coords.longitude",
                                                                   "coords.altitude", "coords.accuracy"};

JsonValue text_value(std::string text) { return {.kind = JsonValue::Kind::text, .text = std::move(text)}; }

JsonValue seconds_value(ServerTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return {.kind = JsonValue::Kind::number, .number = static_cast<double>(seconds_since_1970(seconds)), .text = ""};
}

Content fix_or_heartbeat(std::span<const JsonValue> values, const PhoneRules& rules) {
  if (!values[lat].given() && !values[lon].given()) return Notice{"heartbeat: no position"};
  const JsonValue received_at = seconds_value(rules.received_at);
  return judged({.timestamp = {"timestamp", values[timestamp].given() ? values[timestamp] : received_at},
                 .latitude = {"lat", values[lat]},
                 .longitude = {"lon", values[lon]},
                 .altitude = values[altitude],
                 .accuracy = values[accuracy]},
                rules);
}

/// Calls `take(name, value)`, both decoded, for each `name=value`.
template <class Take>
void for_each_pair(std::string_view form, const Take& take) {
  for (std::size_t start = 0; start < form.size();) {
    const std::size_t end = std::min(form.find('&', start), form.size());
    const std::string_view pair = form.substr(start, end - start);
    if (const std::size_t equals = pair.find('='); equals != std::string_view::npos) {
      take(form_decoded(pair.substr(0, equals)), form_decoded(pair.substr(equals + 1)));
    }
    start = end + 1;
  }
}

/// Whether any name of the form is among `names`.
template <class... Names>
bool has_name_of(std::string_view form, const Names&... names) {
  bool has_one = false;
  for_each_pair(form, [&](const std::string& name, const std::string& /*value*/) {
    has_one = has_one || ((std::find(names.begin(), names.end(), name) != names.end()) || ...);
  });
  return has_one;
}

using FormValues = std::array<JsonValue, form_place_count>;

void put_stand_ins(std::array<JsonValue, stand_in_names.size()>&& stand_ins, FormValues& values) {
  if (!phone_seconds(stand_ins[timestamp])) stand_ins[timestamp] = {};
  if (values[location].given()) stand_ins[lat] = stand_ins[lon] = {};
  for (std::size_t i = 0; i < stand_ins.size(); ++i) {
    if (!values[i].given()) values[i] = std::move(stand_ins[i]);
  }
}

/// `location=lat,lon` in the places of both.
std::optional<Flaw> split_location(FormValues& values) {
  const std::string& both = values[location].text;
  const std::size_t comma = both.find(',');
  if (comma == std::string::npos) return Flaw{"location", "is not lat,lon"};
  values[lat] = text_value(both.substr(0, comma));
  values[lon] = text_value(both.substr(comma + 1));
  return std::nullopt;
}

Content content_of_form(FormValues& values, const PhoneRules& rules) {
  const bool placed = values[lat].given() || values[lon].given();
  if (!placed && !values[location].given() && values[push_token].given()) return Notice{"push token"};
  if (!placed && values[location].given()) {
    if (auto flaw = split_location(values)) return *std::move(flaw);
  }
  const std::string is_valid = lower_case(values[valid].text);
  if (is_valid == "false" || is_valid == "0") return Flaw{"valid", "is false: the client does not trust its position"};
  values[timestamp].text = with_plus_before_zone(values[timestamp].text);
  return fix_or_heartbeat(values, rules);
}

Content content_of_json(std::span<const JsonValue> values, const PhoneRules& rules) {
  if (values[push_token].given() && !values[location].given()) return Notice{"push token"};
  return fix_or_heartbeat(values, rules);
}

DecodedBody decode_batch(std::string_view body, const PhoneRules& rules) {
  DecodedBody decoded =
      decode_json_elements(body, {"location", batch_places}, rules.decode,
                           [&rules](std::span<const JsonValue> values) { return fix_or_heartbeat(values, rules); });
  if (decoded.messages.empty() && !decoded.unreadable && !decoded.too_many) {
    return one_message(body, Notice{"heartbeat: no position"}, rules);
  }
  return decoded;
}

bool is_array(std::string_view json) {
  const std::size_t first = json.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && json[first] == '[';
}

DecodedBody unreadable(std::string reason) {
  DecodedBody decoded;
  decoded.unreadable = Unreadable{0, std::move(reason)};
  return decoded;
}

}  // namespace

bool is_osmand_form(std::string_view form) { return has_name_of(form, form_names, other_form_names, stand_in_names); }

bool has_osmand_place(std::string_view form) { return has_name_of(form, place_names); }

std::optional<std::string> osmand_json_identifier(std::string_view body) {
  constexpr std::array<std::string_view, 1> places = {"device_id"};
  std::optional<std::string> identifier;
  if (is_array(body)) return identifier;
  const DecodedBody decoded = decode_json_elements(
      body, {"", places}, {.packets_max = 1, .is_part = true}, [&identifier](std::span<const JsonValue> values) {
        if (values[0].kind == JsonValue::Kind::text && !values[0].text.empty()) identifier = values[0].text;
        return Content(Notice{});
      });
  return decoded.unreadable ? std::nullopt : identifier;
}

DecodedBody decode_osmand_form(std::string_view form, const PhoneRules& rules) {
  FormValues values;
  std::array<JsonValue, stand_in_names.size()> stand_ins;
  bool any = false;
  for_each_pair(form, [&](const std::string& name, std::string value) {
    any = true;
    if (value.empty()) return;
    const auto put = [&](const auto& names, auto& places) {
      const auto* const place = std::find(names.begin(), names.end(), name);
      if (place != names.end()) places[static_cast<std::size_t>(place - names.begin())] = text_value(std::move(value));
      return place != names.end();
    };
    if (!put(form_names, values) && rules.decode.decoders == Decoders::now) put(stand_in_names, stand_ins);
  });
  if (!any) return unreadable("there is no name=value in it");
  put_stand_ins(std::move(stand_ins), values);
  return one_message(form, content_of_form(values, rules), rules);
}

DecodedBody decode_osmand_json(std::string_view body, const PhoneRules& rules) {
  if (is_array(body)) return unreadable("it is an array");  // of one device or of several: nobody said
  bool any = false;
  bool batch = false;
  DecodedBody decoded =
      decode_json_elements(body, {"", json_places}, rules.decode, [&](std::span<const JsonValue> values) {
        any |= values[location].given() || values[push_token].given() || values[device_id].given();
        batch |= values[location].kind == JsonValue::Kind::array;
        return content_of_json(values, rules);
      });
  if (batch && !decoded.too_many) return decode_batch(body, rules);  // a value that spoils one of them spoils the whole
  if (decoded.unreadable || decoded.too_many) return decoded;
  if (!any) return unreadable("there is neither a location nor a device_id in it");
  return decoded;
}

}  // namespace packwalk
