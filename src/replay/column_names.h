// The names that columns of recorded tracks usually have.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace packwalk::replay {

/// What a column of a CSV file can tell.
enum class Column : std::uint8_t {
  device,
  timestamp,
  date,  // with `clock`, where no column has both
  clock,
  lat,
  lon,
  altitude,
  accuracy,
  hdop,
  visible,  // false where the recorder itself does not believe a row
  activity
};

/// What the operator said about columns: their names in the file.
using ColumnNames = std::map<Column, std::string>;

/// "lat", as the operator calls it.
std::string_view name_of(Column column);
std::optional<Column> column_from(std::string_view name);

/// `device=collar,timestamp=when`. Errc::invalid_input names what is wrong.
Result<ColumnNames> columns_from(std::string_view text);

/// What usual_names() has: small letters, without a unit in brackets, and _ for what stands between words.
std::string bare_name(std::string_view name);

/// The likeliest first.
std::span<const std::string_view> usual_names(Column column);
/// Names that are the device's in some files, and in others of a row, a waypoint or a fix.
std::span<const std::string_view> doubtful_device_names();
/// Names of NMEA's A and V in some files, and of anything else in others.
std::span<const std::string_view> doubtful_visible_names();
/// Times of the day where a column of dates stands beside them, else whole times.
std::span<const std::string_view> clock_or_timestamp_names();

}  // namespace packwalk::replay
