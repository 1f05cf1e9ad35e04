// How a dog strays around where it is led.
#pragma once

#include <array>
#include <cmath>
#include <numbers>

#include "town/local_plane.h"
#include "town/random.h"

namespace packwalk::town {

/// A smooth, bounded wandering that is a plain function of time: the sum of four sines along each axis, of periods
/// spread evenly (by ratio) over a range, nearly normal in its distribution.
class Wander {
 public:
  /// `deviation`: the standard deviation along each axis, metres. It never strays further than 2.9 times that along
  /// one.
  Wander(Random& random, double deviation, double period_min, double period_max) {
    for (auto* axis : {&east_, &north_}) {
      for (std::size_t i = 0; i < sines; ++i) {
        const double share = (static_cast<double>(i) + random.uniform()) / sines;
        const double period = period_min * std::pow(period_max / period_min, share);
        (*axis)[i] = {2 * std::numbers::pi / period, random.uniform(0, 2 * std::numbers::pi)};
      }
    }
    amplitude_ = deviation * std::sqrt(2.0 / sines);
  }

  EastNorth at(double seconds) const { return {sum(east_, seconds), sum(north_, seconds)}; }

 private:
  static constexpr std::size_t sines = 4;
  struct Sine {
    double radians_a_second = 0;
    double phase = 0;
  };
  using Axis = std::array<Sine, sines>;

  double sum(const Axis& axis, double seconds) const {
    double total = 0;
    for (const Sine& sine : axis) total += std::sin(sine.radians_a_second * seconds + sine.phase);
    return total * amplitude_;
  }

  Axis east_{}, north_{};
  double amplitude_ = 0;
};

}  // namespace packwalk::town
