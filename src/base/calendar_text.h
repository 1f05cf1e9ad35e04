// Parsers of dates, clocks and zones.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/units.h"

namespace packwalk {

/// The order of a date that does not begin with a year of four digits.
enum class DateOrder : std::uint8_t { unknown, day_first, month_first };

/// How to read an ambiguous date and clock.
struct CalendarSpelling {
  DateOrder order = DateOrder::unknown;          // of dates
  DateOrder of_six_digits = DateOrder::unknown;  // of such dates; `unknown` is the year first
  bool clock_to_the_minute = false;              // a clock of four digits is 1005, not 00:10:05
};

/// The second of a date, a clock and a zone, as time_from_text() reads them, without blanks around them.
std::optional<DeviceTime> calendar_time(std::string_view text, DateOrder order);

/// The second of a date and of a clock with or without a zone, which stand apart; as time_from_texts() reads them.
std::optional<DeviceTime> calendar_time(std::string_view date, std::string_view clock,
                                        const CalendarSpelling& spelling);

/// Parses only "2026-03-01" or "20260301".
std::optional<std::chrono::year_month_day> calendar_day(std::string_view text);

}  // namespace packwalk
