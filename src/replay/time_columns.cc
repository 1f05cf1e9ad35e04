#include "replay/time_columns.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>

#include "base/ascii.h"
#include "base/text.h"
#include "base/typed_text.h"
#include "replay/column_names.h"
#include "replay/field_values.h"

namespace packwalk::replay {
namespace {

using Names = std::span<const std::string_view>;
constexpr std::array<std::string_view, 2> universal = {"utc", "gmt"};

/// `timestamp` of timestamp_utc, utc_timestamp and timestamputc; else as it is.
std::string_view without_zone(std::string_view name) {
  for (const std::string_view zone : universal) {
    if (name.size() > zone.size() && name.starts_with(zone)) name.remove_prefix(zone.size());
    if (name.size() > zone.size() && name.ends_with(zone)) name.remove_suffix(zone.size());
  }
  while (name.starts_with('_')) name.remove_prefix(1);
  while (name.ends_with('_')) name.remove_suffix(1);
  return name;
}

/// `utc`, timestamp_utc, `Time (UTC)`, but not `outcome`.
bool names_utc(std::string_view name) {
  const std::string small = lower_case(name);
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  for (auto at = small.begin(); at != small.end();) {
    const auto begin = std::find_if(at, small.end(), is_letter);
    at = std::find_if_not(begin, small.end(), is_letter);
    const std::string_view word(begin, at);
    for (const std::string_view zone : universal) {
      if (word.starts_with(zone) || word.ends_with(zone)) return true;
    }
  }
  return false;
}

class TimeFinder {
 public:
  TimeFinder(const CsvSample& sample, const TimeSpelling& spelling) : sample_(sample), spelling_(spelling) {}

  TimeColumns find(TimeColumns found) const {
    if (found.timestamp != nowhere) return found;
    const bool named = found.date != nowhere || found.clock != nowhere;
    if (!named) {
      const auto timestamp = sample_.first_column_of(usual_names(Column::timestamp));
      if (timestamp && counts_from_start(*timestamp)) {
        if (const TimeColumns calendar = find_calendar(); calendar.found()) return calendar;
      }
      if (timestamp && tells_zone(*timestamp)) return {.timestamp = *timestamp};
      if (const std::size_t zoned = find_zoned(); zoned != nowhere) return {.timestamp = zoned};
      if (const TimeColumns utc = find_utc(); utc.found()) return utc;
      if (timestamp) return {.timestamp = *timestamp};
    }
    auto clock = sample_.first_column_of(usual_names(Column::clock));
    if (!clock) clock = sample_.first_column_of(clock_or_timestamp_names());
    if (found.date == nowhere) found.date = sample_.first_column_of(usual_names(Column::date)).value_or(nowhere);
    if (found.clock == nowhere) found.clock = clock.value_or(nowhere);
    if (found.found() && (named || !is_whole_time(found.clock))) return found;
    // One of them has both the date and the clock.
    return {.timestamp = found.clock != nowhere ? found.clock : found.date};
  }

 private:
  /// The first usual column of whole times that tell their zone, such as an `epoch` beside a local `timestamp`.
  std::size_t find_zoned() const {
    for (const std::string_view name : usual_names(Column::timestamp)) {
      const auto column = CsvSample::column_of(name, sample_.bare_names);
      if (column && is_whole_time(*column) && tells_zone(*column)) return *column;
    }
    return nowhere;
  }

  /// Milliseconds since the recorder was switched on, or weeks and seconds of GPS: as a time it would be before 1990.
  bool counts_from_start(std::size_t column) const {
    constexpr DeviceTime ancient = device_time(631'152'000);  // 1990-01-01
    const std::string_view text = sample_.first_told(column);
    if (spelling_.excel_days || !finite_number_from(text)) return false;
    const auto time = time_in(text, spelling_);
    return time && *time < ancient;
  }

  /// A date and a clock that can be read together, or a column that has both.
  TimeColumns find_calendar() const {
    if (const TimeColumns utc = find_utc(); utc.found()) return utc;
    const auto date = sample_.first_column_of(usual_names(Column::date));
    for (const Names names : {usual_names(Column::clock), clock_or_timestamp_names()}) {
      const auto clock = sample_.first_column_of(names);
      if (!date || !clock) continue;
      if (time_in(sample_.first_told(*date), sample_.first_told(*clock), spelling_))
        return {.date = *date, .clock = *clock};
    }
    for (const Names names : {usual_names(Column::timestamp), clock_or_timestamp_names(), usual_names(Column::date)}) {
      for (const std::string_view name : names) {
        const auto column = CsvSample::column_of(name, sample_.bare_names);
        if (column && is_whole_time(*column) && !counts_from_start(*column)) return {.timestamp = *column};
      }
    }
    return {};
  }

  /// The columns that their names say to be of UTC, and in which such times stand.
  TimeColumns find_utc() const {
    TimeColumns found;
    for (const Names names : {usual_names(Column::timestamp), clock_or_timestamp_names(), usual_names(Column::date)}) {
      const std::size_t column = utc_column_of(names, [&](std::size_t each) { return is_whole_time(each); });
      if (column != nowhere) return {.timestamp = column};
    }
    const auto is_told = [&](std::size_t each) { return !sample_.first_told(each).empty(); };
    found.date = utc_column_of(usual_names(Column::date), is_told);
    found.clock = utc_column_of(clock_or_timestamp_names(), is_told);
    if (found.clock == nowhere) found.clock = utc_column_of(usual_names(Column::clock), is_told);
    if (!found.found()) return {};
    const auto first = time_in(sample_.first_told(found.date), sample_.first_told(found.clock), spelling_);
    return first ? found : TimeColumns{};
  }

  template <class Fits>
  std::size_t utc_column_of(Names usual, const Fits& fits) const {
    for (std::size_t i = 0; i < sample_.names.size(); ++i) {
      const std::string& name = sample_.bare_names[i];
      const bool is_usual = is_among(name, usual) || is_among(without_zone(name), usual);
      if (is_usual && names_utc(sample_.names[i]) && fits(i)) return i;
    }
    return nowhere;
  }

  bool is_whole_time(std::size_t column) const {
    constexpr double least = 1e8;  // 100005 is a clock
    const std::string_view text = sample_.first_told(column);
    if (const auto number = finite_number_from(text)) return *number >= least;
    const bool has_clock = text.find_first_of(":Tt") != std::string_view::npos;  // else it is a day
    return has_clock && time_in(text, spelling_).has_value();
  }

  /// A number counts from 1970 in UTC.
  bool tells_zone(std::size_t column) const {
    constexpr std::size_t day_size = 10;  // 2026-03-02
    const std::string_view text = trimmed(sample_.first_told(column));
    if (finite_number_from(text)) return true;
    if (text.ends_with('Z') || text.ends_with('z') || text.find('+') != std::string_view::npos) return true;
    if (text.ends_with("UTC") || text.ends_with("GMT")) return true;
    return text.find('-', day_size) != std::string_view::npos;
  }

  const CsvSample& sample_;
  const TimeSpelling& spelling_;
};

}  // namespace

TimeColumns time_columns_of(const CsvSample& sample, const TimeSpelling& spelling, TimeColumns named) {
  return TimeFinder(sample, spelling).find(named);
}

bool may_tell_time(std::string_view bare_name) {
  const std::string_view name = without_zone(bare_name);
  for (const Names names : {usual_names(Column::timestamp), usual_names(Column::date), usual_names(Column::clock),
                            clock_or_timestamp_names()}) {
    if (is_among(bare_name, names) || is_among(name, names)) return true;
  }
  return false;
}

void ClockDigits::add(std::string_view clock) {
  const std::string text = with_ascii_digits(trimmed(clock));
  const std::size_t digits =
      static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
  if (digits == 0 || digits > 6 || !(digits == text.size() || std::string_view(":.,").find(text[digits]) < 3)) return;
  if (digits > 4 || (digits <= 2 && digits < text.size() && text[digits] == ':')) {
    ++to_the_second_;
  } else if (digits == 4 && digits == text.size() && text.substr(0, 2) < "24" && text[2] < '6') {
    ++to_the_minute_;
    if (text[0] == '0') ++zeros_;
  } else if (text != "2400") {  // the end of a day
    ++others_;
  }
}

bool ClockDigits::to_the_minute() const {
  constexpr std::size_t least_of_one_other = 10;
  if (zeros_ > 0) return true;
  return to_the_minute_ > 0 && to_the_second_ == 0 && others_ * least_of_one_other <= to_the_minute_ + others_;
}

}  // namespace packwalk::replay
