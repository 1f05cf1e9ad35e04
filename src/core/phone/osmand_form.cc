// The OsmAnd protocol as a query or a form.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "base/token.h"
#include "base/typed_text.h"
#include "core/phone/named_paths.h"
#include "core/phone/osmand.h"
#include "core/phone/osmand_fix.h"

namespace packwalk {
namespace {

using osmand::fix_or_heartbeat, osmand::is_false, osmand::split_location, osmand::text_value, osmand::unreadable;
using osmand::fix_parts;
using osmand::identifier_names, osmand::lat, osmand::location, osmand::lon, osmand::push_token, osmand::timestamp;
using osmand::untrusted;

enum FormPart : std::size_t { valid = push_token + 1, form_part_count };

constexpr std::array<std::string_view, form_part_count> form_names = {
    "timestamp", "lat", "lon", "altitude", "accuracy", "location", "notificationToken", "valid"};
/// The same in lower case. Case does not matter, unless a form has both spellings.
constexpr std::array<std::string_view, form_part_count> small_form_names = {
    "timestamp", "lat", "lon", "altitude", "accuracy", "location", "notificationtoken", "valid"};
/// Of these, and of those above, the protocol says what they are.
constexpr std::array<std::string_view, 14> other_form_names = {"id",   "deviceid",       "speed",  "bearing", "heading",
                                                               "hdop", "batt",           "charge", "alarm",   "cell",
                                                               "wifi", "driveruniqueid", "event",  "time"};

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
std::optional<std::size_t> index_among(const Names& names, std::string_view name) {
  const auto* const found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - names.begin()));
}

bool say_the_same(const JsonValue& one, const JsonValue& other) {
  if (one.text == other.text) return true;
  const auto number = number_of(one);
  const auto other_number = number_of(other);
  if (number && other_number) return *number == *other_number;
  const auto time = phone_seconds(one);
  return time && time == phone_seconds(other);
}

using FormValues = std::array<JsonValue, form_part_count>;

/// What a form says: by the protocol's names, by the same in other letters, and by other names.
class FormReading {
 public:
  explicit FormReading(Decoders decoders) : decoders_(decoders) {}

  void take(const std::string& name, JsonValue value) {
    if (const auto own = index_among(form_names, name)) {
      put(own_[*own], std::move(value));
    } else if (decoders_ == Decoders::now) {
      take_other(plain_name(name), std::move(value));
    }
  }

  /// The first stand before the others.
  FormValues values() && {
    for (std::size_t i = 0; i < form_part_count; ++i) {
      if (!own_[i].given()) own_[i] = std::move(in_other_letters_[i]);
    }
    if (own_[location].given()) other_[lat] = other_[lon] = {};
    for (std::size_t i = 0; i < fix_parts; ++i) {
      if (!own_[i].given()) own_[i] = std::move(other_[i]);
    }
    return std::move(own_);
  }

 private:
  /// The last one, which says whether another one says something else.
  static void put(JsonValue& known, JsonValue value) {
    value.twice = known.twice || (known.given() && !say_the_same(known, value));
    known = std::move(value);
  }

  void take_other(const std::string& small_name, JsonValue value) {
    if (const auto known = index_among(small_form_names, small_name)) {
      put(in_other_letters_[*known], std::move(value));
    } else if (const auto part = other_fix_part(small_name)) {
      if (*part == FixPart::timestamp) value.text = with_plus_before_zone(value.text);
      if (may_stand_in(*part, value)) put(other_[static_cast<std::size_t>(*part)], std::move(value));
    }
  }

  const Decoders decoders_;
  FormValues own_;
  FormValues in_other_letters_;
  std::array<JsonValue, fix_parts> other_;
};

Content content_of_form(FormValues& values, const PhoneRules& rules) {
  const bool has_position = values[lat].given() || values[lon].given();
  if (!has_position && !values[location].given() && values[push_token].given()) return Heartbeat{"push token"};
  if (!has_position && values[location].given()) {
    if (auto flaw = split_location(values)) return *std::move(flaw);
  }
  const std::string is_valid = lower_case(values[valid].text);
  const bool is_now_untrusted = rules.decode.decoders == Decoders::now && is_false(values[valid]);
  if (is_valid == "false" || is_valid == "0" || is_now_untrusted) return untrusted();
  values[timestamp].text = with_plus_before_zone(values[timestamp].text);
  return fix_or_heartbeat(values, rules);
}

}  // namespace

bool is_osmand_form(std::string_view form) {
  bool has_known = false;
  bool has_stranger = false;
  for_each_pair(form, [&](const std::string& name, const std::string& value) {
    const std::string small = plain_name(name);
    const bool is_known = index_among(small_form_names, small) || index_among(other_form_names, small);
    const bool may_be = is_known || index_among(identifier_names, small) || is_known_beside_a_position(small);
    has_known |= is_known;
    has_stranger |= (!may_be && !value.empty() && !is_token(value)) || holds_pairs(value);
  });
  return has_osmand_position(form) || (has_known && !has_stranger);
}

bool has_osmand_position(std::string_view form) {
  return has_name(form, [](const std::string& name) { return name == "location" || names_a_position(name); });
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

}  // namespace packwalk
