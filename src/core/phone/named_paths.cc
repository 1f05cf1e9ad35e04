#include "core/phone/named_paths.h"

#include <algorithm>

#include "core/phone/phone_fix.h"

namespace packwalk {

namespace {

/// Below, numbers are clocks (125531 of NMEA), dates without a clock (291126) or times since a device was started.
constexpr double least_seconds_with_a_date = 1e8;

bool is_number_without_a_date(JsonValue value) {
  std::replace(value.text.begin(), value.text.end(), ',', '.');
  const auto number = number_of(value);
  return number && *number < least_seconds_with_a_date;
}

}  // namespace

bool may_stand_in(FixPart part, const JsonValue& value) {
  return part != FixPart::timestamp || (phone_seconds(value).has_value() && !is_number_without_a_date(value));
}

NamedPaths::NamedPaths(std::initializer_list<std::string_view> objects, std::span<const std::string_view> more) {
  for (const std::string_view object : objects) {
    const auto add = [&](const FixName& name, bool is_own) {
      paths_.emplace_back(object).append(name.name);
      parts_.push_back({name.part, is_own});
    };
    for (const FixName& own : own_fix_names) add(own, true);
    for (const FixName& other : other_fix_names) add(other, false);
  }
  paths_.insert(paths_.end(), more.begin(), more.end());
  views_.assign(paths_.begin(), paths_.end());
}

JsonPlan NamedPaths::plan(std::string_view array_key) const {
  return {.array_key = array_key, .paths = views_, .any_case = true};
}

std::array<JsonValue, fix_part_count + 1> NamedPaths::chosen(std::span<const JsonValue> values) const {
  std::array<JsonValue, fix_part_count + 1> chosen;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    JsonValue& value = chosen.at(static_cast<std::size_t>(parts_[i].part));
    if (value.given() || !values[i].given()) continue;
    if (parts_[i].is_own || may_stand_in(parts_[i].part, values[i])) value = values[i];
  }
  if (values.size() > parts_.size()) chosen[first_of_more] = values[parts_.size()];
  return chosen;
}

}  // namespace packwalk
