// A track: the recording of a walk, as a run of fixes, and its rules.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/units.h"
#include "core/geo/lat_lon.h"

namespace packwalk {

/// The part of a fix that tracks and walks need.
struct PathFix {
  LatLon position;
  MaybeMeters accuracy;  // 0 counts as unknown
  DeviceTime timestamp{};

  friend bool operator==(const PathFix&, const PathFix&) = default;
};

struct TrackRules {
  std::chrono::seconds gap{600};  // a longer gap between two fixes begins a new track
  double length_step_m = 5;       // a shorter move adds nothing
  double accuracy_default_m = 5;  // of a fix without an accuracy
  double speed_max_mps = 35;      // the speed of an outlier (outlier.h); 0: no fix is one
  double moving_speed_min_mps = 0.5;
};

/// Metres: the accuracy of a fix, or the default if it is unknown or 0.
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
