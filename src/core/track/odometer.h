// How far a device went, and how long it moved.
#pragma once

#include <algorithm>
#include <chrono>

#include "core/geo/ecef.h"
#include "core/track/track.h"

namespace packwalk {

/// Is told fixes in the order of time. The first one is the anchor; the next one at least `length_step_m`, or the
/// greater accuracy of the two where that is more, from the anchor adds its chord and is the anchor from then on: so a
/// resting dog does not walk. Moving is the time of those legs whose mean speed is at least `moving_speed_min_mps`.
class Odometer {
 public:
  explicit Odometer(const TrackRules& rules) : rules_(rules) {}

  void add(const Ecef& point, double accuracy_m, DeviceTime at) {
    if (started_) {
      const double leg = norm(point - anchor_);
      if (leg < std::max({rules_.length_step_m, accuracy_m, anchor_accuracy_m_})) return;
      length_m_ += leg;
      const auto took = at - anchored_at_;
      if (leg >= rules_.moving_speed_min_mps * static_cast<double>(took.count())) moving_ += took;
    }
    started_ = true;
    anchor_ = point;
    anchor_accuracy_m_ = accuracy_m;
    anchored_at_ = at;
  }

  double length_m() const { return length_m_; }
  std::chrono::seconds moving() const { return moving_; }

 private:
  const TrackRules& rules_;
  bool started_ = false;
  Ecef anchor_;
  double anchor_accuracy_m_ = 0;
  DeviceTime anchored_at_{};
  double length_m_ = 0;
  std::chrono::seconds moving_{0};
};

}  // namespace packwalk
