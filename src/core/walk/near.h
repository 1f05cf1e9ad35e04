// The seconds in which two devices are near each other.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "core/walk/path.h"

namespace packwalk {

/// Whole seconds, both ends included.
struct Seconds {
  Second from = 0;
  Second to = -1;

  bool empty() const { return to < from; }
  Second count() const { return to - from + 1; }
  friend auto operator<=>(const Seconds&, const Seconds&) = default;
};

/// The distance at which two devices are near, given their accuracies: near_m and an allowance of min(sqrt(a² + b²),
/// allowance_max_m); metres.
double reach_of(double accuracy_a_m, double accuracy_b_m, const WalkRules& rules);

/// The margin of a box around one device that holds all devices that may be near it: the greatest reach_of(), and a
/// millimetre for rounding.
inline double box_reach_m(const WalkRules& rules) { return rules.near_m + rules.allowance_max_m + 0.001; }

/// The runs of seconds in `window` at which both devices are somewhere, and at most reach_of() apart, in the order of
/// time; a run may be told in adjoining parts. Between two fixes the difference of the two is linear in time, so its
/// square is a parabola: the run is between its roots, which are found and then moved to the last whole seconds for
/// which the square itself is within reach. A window does not change what it finds within.
/// O(log path + fixes of both in the window).
void near_runs(std::span<const PathPoint> a, std::span<const PathPoint> b, Seconds window, const WalkRules& rules,
               std::vector<Seconds>& found);

}  // namespace packwalk
