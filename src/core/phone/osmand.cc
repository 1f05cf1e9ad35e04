#include "core/phone/osmand.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "base/text.h"
#include "base/token.h"
#include "base/typed_text.h"
#include "core/phone/fix_names.h"
#include "core/phone/named_paths.h"

namespace packwalk {
namespace {

/// The first five tell a fix, in every dialect.
enum Place : std::size_t { timestamp, lat, lon, altitude, accuracy, location, push_token, fix_places = location };
static_assert(fix_places == fix_part_count && static_cast<std::size_t>(FixPart::accuracy) == accuracy);
static_assert(location == NamedPaths::first_of_more);

/// What only one dialect has, after those.
enum FormPlace : std::size_t { valid = push_token + 1, form_place_count };
enum JsonPlace : std::size_t { device_id = push_token + 1, first_validity };

constexpr std::array<std::string_view, form_place_count> form_names = {
    "timestamp", "lat", "lon", "altitude", "accuracy", "location", "notificationToken", "valid"};
/// The same in small letters. Which letters are small does not matter, but for whoever has both.
constexpr std::array<std::string_view, form_place_count> small_form_names = {
    "timestamp", "lat", "lon", "altitude", "accuracy", "location", "notificationtoken", "valid"};
/// Of these, and of those above, the protocol says what they are.
constexpr std::array<std::string_view, 14> other_form_names = {"id",   "deviceid",       "speed",  "bearing", "heading",
                                                               "hdop", "batt",           "charge", "alarm",   "cell",
                                                               "wifi", "driveruniqueid", "event",  "time"};

/// Where an object says whether its client trusts its position, and where each location of a batch does.
constexpr std::array<std::string_view, 3> validity_names = {"valid", "location.valid", "location.coords.valid"};
constexpr std::array<std::string_view, 2> batch_validity_names = {"valid", "coords.valid"};
constexpr std::array<std::string_view, first_validity + validity_names.size()> json_places = {
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
constexpr std::array<std::string_view, fix_places> batch_places = {"timestamp", "coords.latitude", "coords.longitude",
                                                                   "coords.altitude", "coords.accuracy"};
/// Whose a body is may stand there too.
constexpr std::array<std::string_view, 8> identifier_names = {"device_id",    "deviceid", "id",     "token",
                                                              "access_token", "api_key",  "apikey", "key"};

JsonValue text_value(std::string text) { return {.kind = JsonValue::Kind::text, .text = std::move(text)}; }

JsonValue seconds_value(ServerTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return {.kind = JsonValue::Kind::number, .number = static_cast<double>(seconds_since_1970(seconds)), .text = ""};
}

Content fix_or_heartbeat(std::span<const JsonValue> values, const PhoneRules& rules) {
  if (!values[lat].given() && !values[lon].given()) return Heartbeat{"heartbeat: no position"};
  for (const Place place : {timestamp, lat, lon}) {
    const bool is_of_two = values[place].twice && rules.decode.decoders == Decoders::now;
    if (is_of_two) return Flaw{std::string(form_names[place]), "is given twice"};
  }
  const JsonValue received_at = seconds_value(rules.received_at);
  return judged({.timestamp = {"timestamp", values[timestamp].given() ? values[timestamp] : received_at},
                 .latitude = {"lat", values[lat]},
                 .longitude = {"lon", values[lon]},
                 .altitude = values[altitude],
                 .accuracy = values[accuracy]},
                rules);
}

/// Whether a client says that it does not trust its position.
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

bool any_is_false(std::span<const JsonValue> values) { return std::any_of(values.begin(), values.end(), is_false); }

bool any_given(std::span<const JsonValue> values) {
  return std::any_of(values.begin(), values.end(), [](const JsonValue& value) { return value.given(); });
}

Flaw untrusted() { return {"valid", "is false: the client does not trust its position"}; }

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

/// In small letters, and without what a template leaves before it where `&amp;` was not decoded, or `??` stands.
std::string plain_name(std::string_view name) {
  while (name.starts_with('?')) name.remove_prefix(1);
  std::string small = lower_case(name);
  constexpr std::string_view ampersand = "amp;";
  if (small.starts_with(ampersand)) small.erase(0, ampersand.size());
  return small;
}

/// `x;lat=1;lon=2`: of a form with other separators.
bool holds_pairs(std::string_view value) {
  const std::size_t separator = value.find_first_of(";\r\n|");
  return separator != std::string_view::npos && value.find('=', separator) != std::string_view::npos;
}

/// Whether `is_it` holds for any name of the form, as plain_name().
template <class IsIt>
bool has_name(std::string_view form, const IsIt& is_it) {
  bool has_one = false;
  for_each_pair(form, [&](const std::string& name, const std::string& /*value*/) {
    has_one = has_one || is_it(plain_name(name));
  });
  return has_one;
}

template <class Names>
std::optional<std::size_t> place_among(const Names& names, std::string_view name) {
  const auto* const place = std::find(names.begin(), names.end(), name);
  return place == names.end() ? std::nullopt : std::optional(static_cast<std::size_t>(place - names.begin()));
}

bool say_the_same(const JsonValue& one, const JsonValue& other) {
  if (one.text == other.text) return true;
  const auto number = number_of(one);
  const auto other_number = number_of(other);
  if (number && other_number) return *number == *other_number;
  const auto time = phone_seconds(one);
  return time && time == phone_seconds(other);
}

using FormValues = std::array<JsonValue, form_place_count>;

/// What a form says: by the protocol's names, by the same in other letters, and by other names.
class FormReading {
 public:
  explicit FormReading(Decoders decoders) : decoders_(decoders) {}

  void take(const std::string& name, JsonValue value) {
    if (const auto own = place_among(form_names, name)) {
      put(own_[*own], std::move(value));
    } else if (decoders_ == Decoders::now) {
      take_other(plain_name(name), std::move(value));
    }
  }

  /// The first stand before the others.
  FormValues values() && {
    for (std::size_t i = 0; i < form_place_count; ++i) {
      if (!own_[i].given()) own_[i] = std::move(in_other_letters_[i]);
    }
    if (own_[location].given()) other_[lat] = other_[lon] = {};
    for (std::size_t i = 0; i < fix_places; ++i) {
      if (!own_[i].given()) own_[i] = std::move(other_[i]);
    }
    return std::move(own_);
  }

 private:
  /// The last one, which says whether another one says something else.
  static void put(JsonValue& place, JsonValue value) {
    value.twice = place.twice || (place.given() && !say_the_same(place, value));
    place = std::move(value);
  }

  void take_other(const std::string& small_name, JsonValue value) {
    if (const auto place = place_among(small_form_names, small_name)) {
      put(in_other_letters_[*place], std::move(value));
    } else if (const auto part = other_fix_part(small_name)) {
      if (*part == FixPart::timestamp) value.text = with_plus_before_zone(value.text);
      if (may_stand_in(*part, value)) put(other_[static_cast<std::size_t>(*part)], std::move(value));
    }
  }

  const Decoders decoders_;
  FormValues own_;
  FormValues in_other_letters_;
  std::array<JsonValue, fix_places> other_;
};

/// `location=lat,lon` in the places of both.
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

Content content_of_form(FormValues& values, const PhoneRules& rules) {
  const bool placed = values[lat].given() || values[lon].given();
  if (!placed && !values[location].given() && values[push_token].given()) return Heartbeat{"push token"};
  if (!placed && values[location].given()) {
    if (auto flaw = split_location(values)) return *std::move(flaw);
  }
  const std::string is_valid = lower_case(values[valid].text);
  const bool is_now_untrusted = rules.decode.decoders == Decoders::now && is_false(values[valid]);
  if (is_valid == "false" || is_valid == "0" || is_now_untrusted) return untrusted();
  values[timestamp].text = with_plus_before_zone(values[timestamp].text);
  return fix_or_heartbeat(values, rules);
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
  bool is_placed = false;
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
    reading.is_placed = chosen[lat].given() || chosen[lon].given();
    if (!reading.is_placed && chosen[location].kind == JsonValue::Kind::text) {
      reading.is_placed = true;
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
  const JsonPlan plan = by_all_names ? everywhere.plan("location") : JsonPlan{"location", batch_places};
  DecodedBody decoded =
      decode_json_elements(body, plan, rules.decode, [&](std::span<const JsonValue> values) -> Content {
        if (!by_all_names) return fix_or_heartbeat(values, rules);
        if (any_is_false(everywhere.more(values))) return untrusted();
        return fix_or_heartbeat(everywhere.chosen(values), rules);
      });
  if (!decoded.messages.empty() || decoded.unreadable || decoded.too_many) return decoded;
  if (by_all_names) {
    OtherReading beside = read_by_all_names(body, rules);
    if (beside.is_placed) return std::move(beside.decoded);
  }
  return one_message(body, Heartbeat{"heartbeat: no position"}, rules);
}

bool is_packet(const DecodedBody& decoded) {
  return decoded.messages.size() == 1 && family_of(decoded.messages[0].content).has_value();
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

bool is_osmand_form(std::string_view form) {
  bool has_known = false;
  bool has_stranger = false;
  for_each_pair(form, [&](const std::string& name, const std::string& value) {
    const std::string small = plain_name(name);
    const bool is_known = place_among(small_form_names, small) || place_among(other_form_names, small);
    const bool may_be = is_known || place_among(identifier_names, small) || is_known_beside_a_place(small);
    has_known |= is_known;
    has_stranger |= (!may_be && !value.empty() && !is_token(value)) || holds_pairs(value);
  });
  return has_osmand_place(form) || (has_known && !has_stranger);
}

bool has_osmand_place(std::string_view form) {
  return has_name(form, [](const std::string& name) { return name == "location" || names_a_place(name); });
}

std::optional<std::string> osmand_json_identifier(std::string_view body) {
  std::optional<std::string> identifier;
  if (is_array(body)) return identifier;
  const JsonPlan plan{.array_key = "", .places = identifier_names, .any_case = true};
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

DecodedBody decode_osmand_form(std::string_view form, const PhoneRules& rules) {
  FormReading reading(rules.decode.decoders);
  bool any = false;
  for_each_pair(form, [&](const std::string& name, std::string value) {
    any = true;
    if (!value.empty()) reading.take(name, text_value(std::move(value)));
  });
  if (!any) return unreadable("there is no name=value in it");
  FormValues values = std::move(reading).values();
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
  if (!is_packet(decoded) && rules.decode.decoders == Decoders::now) {
    OtherReading other = read_by_all_names(body, rules);
    if (other.is_placed) return std::move(other.decoded);
    any |= other.any;
  }
  if (!any) return unreadable("there is neither a location nor a device_id in it");
  return decoded;
}

}  // namespace packwalk
