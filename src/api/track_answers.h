// Tracks and sums of activity as JSON and GeoJSON.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "core/activity/period_sums.h"
#include "core/state/fix.h"
#include "core/track/track.h"

namespace packwalk {

/// {"device", "from", "to", "fix_count", "length_m", "moving_seconds", "bbox"}: the box in the order of GeoJSON.
void write_track(JsonWriter& json, std::string_view device, const Track& track);

/// A track and the fixes that tell its line. `cut`: later ones are left out.
struct TrackLine {
  std::string_view device;
  const Track& track;
  std::span<const Fix> fixes;
  bool cut = false;
};

/// What write_track() tells, "cut", and "line": {"timestamp", "lat", "lon", "altitude_m", "accuracy_m"} for each fix.
std::string track_json(const TrackLine& line);

/// A Feature with all but the line in its properties: a LineString, a Point where there is one fix; where it crosses
/// the antimeridian it is cut there, and a MultiLineString (RFC 7946, 3.1.9).
std::string track_feature(const TrackLine& line);

/// {"in_track": {"walk": {"seconds", "steps"}, ..}, "off_track", "active_seconds", "active_steps", "track_count",
/// "length_m", "moving_seconds"}: members of an object that is open.
void write_sums(JsonWriter& json, const PeriodSums& sums);

}  // namespace packwalk
