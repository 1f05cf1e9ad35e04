// Times as people, phones, loggers and spreadsheets write them: the one reader, and the one writer.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/calendar_text.h"
#include "base/result.h"
#include "base/units.h"

namespace packwalk {

/// The unit of a number since 1970. Each is recognised by its size, from 1973 to the year 5138.
enum class TimeUnit : std::uint8_t { seconds, milliseconds, microseconds, nanoseconds };

std::string_view name_of(TimeUnit unit);

/// Seconds below 1e11, then milliseconds, from 1e14 microseconds, from 1e17 nanoseconds; negative numbers likewise.
TimeUnit unit_of(double since_1970);

/// The second in which the number lies, in the unit of its size. Nothing when it is not finite, or from 1e20 on.
std::optional<DeviceTime> time_from_number(double since_1970);

/// What a text does not tell by itself.
struct TimeSpelling {
  DateOrder order = DateOrder::unknown;  // how to read 02.03.2026 and 02/03/26; `unknown` reads neither
  bool excel_days = false;               // numbers are Excel's serial days, and nothing else: 46083.5
  // Of dates of six digits beside a clock, where it is not `order`; `unknown` is the year first.
  std::optional<DateOrder> of_six_digits = std::nullopt;
  bool clock_to_the_minute = false;  // of two columns: a clock of four digits is 1005, not 00:10:05
};

/// The second in which `text` lies. Blanks around it do not matter; nothing when any other part of it is not
/// understood, when the day or the hour does not exist, or when it is longer than 64 bytes.
///   number:  since 1970, of any unit above; a fraction (after a point or comma) and an exponent are read too
///   date:    2026-03-02, 2026/3/2, 2026.03.02, 20260302 before a T; with an order also 2.3.2026, 02/03/2026, 02-03-26
///   clock:   after a T or a blank 10:00:05, 7:05, 10:00:05.412 (any number of decimals, cut off), 10:00 PM; after
///            20260302 also 100005, and T1000; a date alone is its midnight
///   both:    20260302100005, also with decimals and a zone
///   zone:    Z, UTC, GMT, +01:00, -0700, +01, a blank before it or not; none is UTC
std::optional<DeviceTime> time_from_text(std::string_view text, const TimeSpelling& spelling = {});

/// A time that a person or a program gives in a query or an option: as time_from_text() reads it, but not after the year
/// 2200, which is a mistake. Errc::invalid_input: the detail is a predicate, "is after the year 2200".
Result<DeviceTime> given_time(std::string_view text);

/// 20260302100005, as receivers such as the SIM7000 write it, with a fraction and a zone or not: as milliseconds it
/// would be in the year 2612. time_from_text() reads it too. Nothing for anything else.
std::optional<DeviceTime> time_from_fourteen_digits(std::string_view text);

/// The same of a date and a clock that stand in two columns. Here the date may be 20260302 or, as loggers have it,
/// 260302 (with an order 020326), and the clock 100005, with the zeros before it lost or not, or 0705.
std::optional<DeviceTime> time_from_texts(std::string_view date, std::string_view clock,
                                          const TimeSpelling& spelling = {});

/// "2026-03-01" and nothing else.
std::optional<std::chrono::year_month_day> day_from_text(std::string_view text);

/// 2026-01-01T10:00:00Z of a device, 2026-01-01T10:00:00.000000Z of the server.
std::string iso_text(DeviceTime time);
std::string iso_text(ServerTime time);

void append_iso(std::string& text, DeviceTime time);
void append_iso(std::string& text, ServerTime time);

/// What iso_text(ServerTime) writes and nothing else.
std::optional<ServerTime> server_time_from_text(std::string_view text);

}  // namespace packwalk
