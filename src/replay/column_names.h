// The names that columns of recorded tracks usually have.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "replay/recording.h"

namespace packwalk::replay {

/// "lat", as the operator calls it.
std::string_view name_of(Column column);
std::optional<Column> column_from(std::string_view name);

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
