// Tracks: the recordings of walks that a device's fixes make.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

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

/// The tracks of one device, in the order of time.
///
/// fixes   of one device, strictly increasing in time, without outliers
/// sleeps  the times of its accepted sleep samples, increasing
///
/// A track is a maximal run of fixes with no gap over `gap` between neighbours and no sleep strictly between two.
/// Its length and the time it moved are those of an Odometer. The box is the narrowest along the path: it may cross
/// the antimeridian, and has all longitudes where the path goes round a pole.
/// O(fixes + sleeps).
std::vector<Track> tracks_of(std::span<const PathFix> fixes, std::span<const DeviceTime> sleeps,
                             const TrackRules& rules);

/// Whether each fix and the next one belong to one track; of the last one: no.
std::vector<bool> joined_to_next(std::span<const PathFix> fixes, std::span<const DeviceTime> sleeps,
                                 const TrackRules& rules);

}  // namespace packwalk
