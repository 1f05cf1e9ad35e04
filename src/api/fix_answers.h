// Positions and fixes as JSON, GeoJSON (RFC 7946) and GPX 1.1.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "core/state/fix.h"

namespace packwalk {

/// A fix of a device, as answers name it.
struct NamedFix {
  std::string_view device;
  const Fix& fix;
  std::optional<bool> is_outlier =
      std::nullopt;  // empty for a last fix, which is not an outlier while it is the last one
};

/// About how many bytes one of the next two takes.
inline constexpr std::size_t position_bytes = 288;

/// {"device", "timestamp", "lat", "lon", "altitude_m", "accuracy_m", "status", "received_at", "age_seconds",
/// "outlier"}: lengths are null where they are unknown, and the age is the time from the fix to `now`.
void write_position(JsonWriter& json, const NamedFix& named, ServerTime now);

/// The same as a GeoJSON Feature: a Point, with all but the position in its properties.
void write_feature(JsonWriter& json, const NamedFix& named, ServerTime now);

/// A track of one device, a `trkpt` for each fix; where more than `gap` is between two, another segment begins. `more`:
/// the file says that later fixes are left out.
std::string gpx_of(std::string_view device, std::span<const MarkedFix> fixes, std::optional<std::chrono::seconds> gap,
                   bool more);

}  // namespace packwalk
