#include "base/time_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/ascii.h"
#include "base/iso_bytes.h"
#include "base/text.h"

namespace packwalk {
namespace {

using std::chrono::year_month_day;

constexpr std::size_t text_bytes_max = 64;
constexpr double milliseconds_min = 1e11;  // numbers below it are seconds

constexpr std::int64_t per_second(TimeUnit unit) {
  constexpr std::array<std::int64_t, 4> all = {1, 1'000, 1'000'000, 1'000'000'000};
  return all.at(static_cast<std::size_t>(unit));
}

/// From 1900-01-01 to 9999-12-31.
std::optional<DeviceTime> time_from_excel_days(double days) {
  constexpr double days_to_1970 = 25'569;
  if (!(days >= 1 && days < 2'958'466)) return std::nullopt;
  // Excel's fractions of a day hold a second only roughly: 10:00:05 is 0.41672453703703...
  return device_time(static_cast<std::int64_t>(std::floor(std::round((days - days_to_1970) * 86'400'000) / 1000)));
}

std::string_view without_plus(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  return text;
}

std::int64_t floor_of_quotient(std::int64_t number, std::int64_t divisor) {
  return number / divisor - (number % divisor < 0 ? 1 : 0);
}

/// A comma may stand for the point, as spreadsheets of half of the world have it.
std::optional<double> decimal_from(std::string_view text) {
  if (const auto number = number_from<double>(text)) return number;
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  std::string with_point(text);
  with_point[comma] = '.';
  return number_from<double>(with_point);
}

/// Whole seconds: up to eleven digits and nothing else. Most files and phones write times like this.
std::optional<std::int64_t> whole_seconds_from(std::string_view text) {
  constexpr std::size_t digits_max = 11;
  static_assert(99'999'999'999 < milliseconds_min);
  if (text.empty() || text.size() > digits_max || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  std::int64_t number = 0;
  for (const char c : text) number = number * 10 + (c - '0');
  return number;
}

/// Exact where a double is not: nanoseconds are more than it holds.
std::optional<DeviceTime> time_from_digits(std::string_view text) {
  if (const auto whole = number_from<std::int64_t>(text)) {
    return device_time(floor_of_quotient(*whole, per_second(unit_of(static_cast<double>(*whole)))));
  }
  const auto number = decimal_from(text);
  return number ? time_from_number(*number) : std::nullopt;
}

bool begins_with_year(std::string_view text) {
  return text.size() > 4 && (text[4] == '-' || text[4] == '/') && is_digit(text[0]) && is_digit(text[3]);
}

}  // namespace

std::string_view name_of(TimeUnit unit) {
  constexpr std::array<std::string_view, 4> names = {"seconds", "milliseconds", "microseconds", "nanoseconds"};
  return names.at(static_cast<std::size_t>(unit));
}

TimeUnit unit_of(double since_1970) {
  const double size = std::abs(since_1970);
  if (size < milliseconds_min) return TimeUnit::seconds;
  if (size < 1e14) return TimeUnit::milliseconds;
  return size < 1e17 ? TimeUnit::microseconds : TimeUnit::nanoseconds;
}

std::optional<DeviceTime> time_from_number(double since_1970) {
  if (!(std::abs(since_1970) < 1e20)) return std::nullopt;
  const auto divisor = static_cast<double>(per_second(unit_of(since_1970)));
  return device_time(static_cast<std::int64_t>(std::floor(since_1970 / divisor)));
}

std::optional<DeviceTime> time_from_fourteen_digits(std::string_view text) {
  constexpr std::size_t digits = 14;
  if (text.size() < digits) return std::nullopt;  // like most times
  const std::string_view bare = trimmed(text);
  if (bare.size() < digits || !(bare.starts_with("19") || bare.starts_with("20"))) return std::nullopt;
  if (!std::all_of(bare.begin(), bare.begin() + digits, is_digit)) return std::nullopt;
  if (bare.size() > digits && is_digit(bare[digits])) return std::nullopt;
  return time_from_texts(bare.substr(0, 8), bare.substr(8));
}

std::optional<DeviceTime> time_from_text(std::string_view text, const TimeSpelling& spelling) {
  const std::string_view bare = trimmed(text);
  if (bare.size() > text_bytes_max) return std::nullopt;
  if (!spelling.excel_days) {
    if (const auto whole = whole_seconds_from(bare)) return device_time(*whole);
  }
  if (begins_with_year(bare)) return calendar_time(bare, spelling.order);
  const std::string_view digits = without_plus(bare);
  if (spelling.excel_days) {
    if (const auto days = decimal_from(digits)) return time_from_excel_days(*days);
  } else if (const auto time = time_from_fourteen_digits(bare)) {
    return *time;
  } else if (const auto number = time_from_digits(digits)) {
    return *number;
  }
  return calendar_time(bare, spelling.order);
}

Result<DeviceTime> given_time(std::string_view text) {
  constexpr DeviceTime after_2200 = std::chrono::sys_days(std::chrono::year(2201) / 1 / 1);
  const auto time = time_from_text(text);
  if (!time) {
    return fail(Errc::invalid_input,
                "is not a time. Give a day (2026-01-31), 2026-01-31T10:00:00Z, or seconds since 1970");
  }
  if (*time >= after_2200) return fail(Errc::invalid_input, "is after the year 2200");
  return *time;
}

std::optional<DeviceTime> time_from_texts(std::string_view date, std::string_view clock, const TimeSpelling& spelling) {
  const std::string_view day_text = trimmed(date);
  const std::string_view clock_text = trimmed(clock);
  if (day_text.size() + clock_text.size() > text_bytes_max) return std::nullopt;
  if (spelling.excel_days) {
    const auto days = decimal_from(day_text);
    const auto part = decimal_from(clock_text);
    if (days && part) return *part >= 0 && *part < 1 ? time_from_excel_days(*days + *part) : std::nullopt;
  }
  return calendar_time(day_text, clock_text,
                       {.order = spelling.order,
                        .of_six_digits = spelling.of_six_digits.value_or(spelling.order),
                        .clock_to_the_minute = spelling.clock_to_the_minute});
}

std::optional<year_month_day> day_from_text(std::string_view text) {
  if (text.size() != 10 || text[4] != '-') return std::nullopt;
  return calendar_day(text);
}

void append_iso(std::string& text, DeviceTime time) {
  std::array<char, iso_bytes_max> bytes{};
  text.append(bytes.data(), put_iso(bytes.data(), time));
}

void append_iso(std::string& text, ServerTime time) {
  std::array<char, iso_bytes_max> bytes{};
  text.append(bytes.data(), put_iso(bytes.data(), time));
}

std::string iso_text(DeviceTime time) {
  std::string text;
  append_iso(text, time);
  return text;
}

std::string iso_text(ServerTime time) {
  std::string text;
  append_iso(text, time);
  return text;
}

std::optional<ServerTime> server_time_from_text(std::string_view text) {
  constexpr std::size_t behind_seconds = std::string_view(".000000Z").size();
  if (text.size() < behind_seconds) return std::nullopt;
  const std::size_t point = text.size() - behind_seconds;
  const auto second = time_from_text(std::string(text.substr(0, point)) + "Z");
  const auto fraction = number_from<std::uint32_t>(text.substr(point + 1, behind_seconds - 2));
  if (!second || !fraction) return std::nullopt;
  const ServerTime time = *second + std::chrono::microseconds(*fraction);
  return iso_text(time) == text ? std::optional(time) : std::nullopt;
}

}  // namespace packwalk
