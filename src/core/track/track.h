// A track: the recording of a walk that a device's fixes make, and the rules by which they make it.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/units.h"
#include "core/geo/lat_lon.h"

namespace packwalk {

/// A fix, as far as tracks and walks need it.
struct PathFix {
  LatLon position;
  MaybeMeters accuracy;  // 0 counts as unknown
  DeviceTime timestamp{};

  friend bool operator==(const PathFix&, const PathFix&) = default;
};

struct TrackRules {
  std::chrono::seconds gap{600};  // more between two fixes, and a new track begins
  double length_step_m = 5;       // a shorter move adds nothing
  double accuracy_default_m = 5;  // of a fix that does not tell it
  double speed_max_mps = 35;      // that a fix needs to be an outlier (outlier.h); 0: none is
  double moving_speed_min_mps = 0.5;
};

/// Metres: what a fix tells, or the default where it tells nothing or 0.
double accuracy_of(const PathFix& fix, const TrackRules& rules);

struct Track {
  DeviceTime from{};  // of the first fix, and of the last
  DeviceTime to{};
  std::int64_t fixes = 0;
  double length_m = 0;
  std::chrono::seconds moving{0};
  GeoBox box;

  friend bool operator==(const Track&, const Track&) = default;
};

}  // namespace packwalk
