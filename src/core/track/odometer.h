// The distance and the time of a device's movement.
#pragma once

#include <algorithm>
#include <chrono>

#include "core/geo/ecef.h"
#include "core/track/track.h"

namespace packwalk {

/// The state of an odometer, from which it continues as if it had the earlier fixes.
struct OdometerState {
  Ecef anchor;
  double anchor_accuracy_m = 0;
  DeviceTime anchored_at{};
  bool is_started = false;
  double length_m = 0;
  std::chrono::seconds moving{0};

  friend bool operator==(const OdometerState&, const OdometerState&) = default;
};

/// Takes fixes in the order of time. The first one is the anchor. The next fix that is at least `length_step_m`, or the
/// greater accuracy of the two if that is more, from the anchor adds its chord and becomes the anchor: so a resting dog
/// does not walk. Moving time is that of legs with a mean speed of at least `moving_speed_min_mps`.
class Odometer {
 public:
  explicit Odometer(const TrackRules& rules, const OdometerState& state = {}) : rules_(rules), state_(state) {}

  void add(const Ecef& point, double accuracy_m, DeviceTime at) {
    if (state_.is_started) {
      const double leg = norm(point - state_.anchor);
      if (leg < std::max({rules_.length_step_m, accuracy_m, state_.anchor_accuracy_m})) return;
      state_.length_m += leg;
      const auto took = at - state_.anchored_at;
      if (leg >= rules_.moving_speed_min_mps * static_cast<double>(took.count())) state_.moving += took;
    }
    state_.is_started = true;
    state_.anchor = point;
    state_.anchor_accuracy_m = accuracy_m;
    state_.anchored_at = at;
  }

  const OdometerState& state() const { return state_; }
  double length_m() const { return state_.length_m; }
  std::chrono::seconds moving() const { return state_.moving; }

 private:
  const TrackRules& rules_;
  OdometerState state_;
};

}  // namespace packwalk
