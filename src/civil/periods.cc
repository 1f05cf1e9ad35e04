#include "civil/periods.h"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/nearest.h"
#include "base/text.h"

namespace packwalk {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::array kinds = {std::pair{PeriodKind::day, std::string_view("day")},
                              std::pair{PeriodKind::week, std::string_view("week")},
                              std::pair{PeriodKind::month, std::string_view("month")}};

/// Of the period that has `day`. Days here are those of a calendar on the wall, without a zone.
sys_days first_day_of(PeriodKind kind, sys_days day) {
  switch (kind) {
    case PeriodKind::day:
      return day;
    case PeriodKind::week:
      return day - (std::chrono::weekday(day) - std::chrono::Monday);
    case PeriodKind::month:
      break;
  }
  const year_month_day date(day);
  return sys_days(date.year() / date.month() / 1);
}

sys_days first_day_after(PeriodKind kind, sys_days first_day) {
  if (kind == PeriodKind::day) return first_day + days(1);
  if (kind == PeriodKind::week) return first_day + days(7);
  return sys_days(year_month_day(first_day) + std::chrono::months(1));
}

sys_days first_day_before(PeriodKind kind, sys_days first_day) { return first_day_of(kind, first_day - days(1)); }

/// "Berlin", "europe/berlin", "New York": the zone whose name, or whose last part, is that; else one that is near.
std::optional<std::string> zone_meant_by(std::string_view text) {
  std::string word = lower_case(text);
  std::replace(word.begin(), word.end(), ' ', '_');
  std::vector<std::string> names;
  for (const date::time_zone& zone : date::get_tzdb().zones) {
    const std::string& name = zone.name();
    if (name.starts_with("posix/") || name.starts_with("right/")) continue;
    const std::string small = lower_case(name);
    if (small == word || small.substr(small.rfind('/') + 1) == word) return name;
    names.push_back(name);
  }
  return nearest_to(text, names);
}

}  // namespace

Result<CivilZone> CivilZone::from_name(std::string_view name) {
  try {
    return CivilZone(*date::locate_zone(name));
  } catch (const std::exception&) {  // the library's way to say that there is none
    const auto meant = zone_meant_by(name);
    return fail(Errc::invalid_input, "there is no time zone of this name" +
                                         (meant ? suggestion(meant) : std::string("; one is Europe/Volgograd")));
  }
}

sys_days CivilZone::day_of(DeviceTime time) const {
  const auto local = zone_->to_local(time);
  return sys_days(std::chrono::floor<days>(local.time_since_epoch()));
}

DeviceTime CivilZone::beginning_of(year_month_day day) const {
  const date::local_days midnight(sys_days(day).time_since_epoch());
  return std::chrono::floor<std::chrono::seconds>(zone_->to_sys(midnight, date::choose::earliest));
}

Period CivilZone::period_from(PeriodKind kind, sys_days first_day) const {
  return {first_day, beginning_of(first_day), beginning_of(first_day_after(kind, first_day))};
}

Result<std::vector<Period>> CivilZone::periods(PeriodKind kind, DeviceTime from, DeviceTime until,
                                               std::size_t count_max) const {
  std::vector<Period> found;
  for (sys_days first = first_day_of(kind, day_of(from));; first = first_day_after(kind, first)) {
    const Period period = period_from(kind, first);
    if (period.from >= until) return found;
    if (period.until <= from || period.from == period.until) continue;
    if (found.size() == count_max) {
      return fail(Errc::invalid_input, "from .. to has more than " + std::to_string(count_max) + " " +
                                           std::string(name_of(kind)) + "s: ask for a part of it");
    }
    found.push_back(period);
  }
}

std::vector<Period> CivilZone::last_periods(PeriodKind kind, DeviceTime now, std::size_t count) const {
  std::vector<Period> found;
  for (sys_days first = first_day_of(kind, day_of(now)); found.size() < count; first = first_day_before(kind, first)) {
    const Period period = period_from(kind, first);
    if (period.from < period.until) found.push_back(period);
  }
  return {found.rbegin(), found.rend()};
}

std::string day_text(year_month_day day) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(day.year()),
                static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  return text.data();
}

std::optional<PeriodKind> period_kind_from_name(std::string_view name) {
  for (const auto& [kind, known] : kinds) {
    if (name == known) return kind;
  }
  return std::nullopt;
}

std::string_view name_of(PeriodKind kind) {
  for (const auto& [known, name] : kinds) {
    if (kind == known) return name;
  }
  return "";
}

}  // namespace packwalk
