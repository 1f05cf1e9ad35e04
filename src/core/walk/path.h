// The path of a device: its position at whole seconds.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/geo/ecef.h"
#include "core/walk/walk_rules.h"

namespace packwalk {

/// Seconds since 1970, as walks count them.
using Second = std::int64_t;

/// A fix of a path.
struct PathPoint {
  Ecef point;
  Second at = 0;
  double accuracy_m = 0;       // never 0
  bool moves_to_next = false;  // on the chord, at constant speed; otherwise its position is unknown until the next fix
};

/// The path from a device's fixes. `fixes` and `sleeps` as of tracks_of(). O(fixes + sleeps).
std::vector<PathPoint> path_of(std::span<const PathFix> fixes, std::span<const DeviceTime> sleeps,
                               const TrackRules& tracks, const WalkRules& walks);

/// The position of a device and its accuracy: at a fix, that of the fix; between two fixes, the greater one.
struct Whereabouts {
  Ecef point;
  double accuracy_m = 0;
};

/// At the second `at`, if it is known. O(log path).
std::optional<Whereabouts> whereabouts(std::span<const PathPoint> path, Second at);

/// On the chord from `from` to `to`.
inline Ecef between(const PathPoint& from, const PathPoint& to, Second at) {
  const double share = static_cast<double>(at - from.at) / static_cast<double>(to.at - from.at);
  return from.point + (to.point - from.point) * share;
}

/// The index of the last point at or before `at`; path.size() when there is none. O(log of the index).
std::size_t last_point_until(std::span<const PathPoint> path, Second at);

}  // namespace packwalk
