// Dates, clocks and zones, as texts have them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/units.h"

namespace packwalk {

/// In what order a date is written that does not begin with the four digits of its year.
enum class DateOrder : std::uint8_t { unknown, day_first, month_first };

/// How to read a date and a clock that do not tell it themselves.
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

/// Of "2026-03-01" or "20260301" and nothing else.
std::optional<std::chrono::year_month_day> calendar_day(std::string_view text);

}  // namespace packwalk
