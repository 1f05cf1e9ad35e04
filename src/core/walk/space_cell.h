// Boxes in space, and the grid of cubes by which devices find each other. Poles and the antimeridian are not special.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "core/geo/ecef.h"

namespace packwalk {

/// Metres of ECEF.
struct SpaceBox {
  Ecef low{std::numeric_limits<double>::max(), std::numeric_limits<double>::max(), std::numeric_limits<double>::max()};
  Ecef high{std::numeric_limits<double>::lowest(), std::numeric_limits<double>::lowest(),
            std::numeric_limits<double>::lowest()};

  void add(const Ecef& point) {
    low = {std::min(low.x, point.x), std::min(low.y, point.y), std::min(low.z, point.z)};
    high = {std::max(high.x, point.x), std::max(high.y, point.y), std::max(high.z, point.z)};
  }
  double longest_edge_m() const { return std::max({high.x - low.x, high.y - low.y, high.z - low.z}); }
  SpaceBox widened(double by_m) const {
    SpaceBox box;
    box.low = low - Ecef{by_m, by_m, by_m};
    box.high = high + Ecef{by_m, by_m, by_m};
    return box;
  }
};

/// A cube of 256 m as one number of 48 bits, which SQLite keeps in six bytes: 16 bits per axis hold 2^16 cubes, and the
/// earth takes three quarters of them.
using SpaceCell = std::int64_t;

inline constexpr double space_cell_edge_m = 256;

namespace space_cell {

inline std::int64_t index_on_axis(double meters) {
  return static_cast<std::int64_t>(std::floor(meters / space_cell_edge_m));
}
inline SpaceCell cell_at(std::int64_t x, std::int64_t y, std::int64_t z) {
  constexpr std::int64_t middle = 1 << 15;
  return x * (std::int64_t{1} << 32) + ((y + middle) << 16 | (z + middle));
}

}  // namespace space_cell

inline SpaceCell space_cell_of(const Ecef& point) {
  using space_cell::index_on_axis;
  return space_cell::cell_at(index_on_axis(point.x), index_on_axis(point.y), index_on_axis(point.z));
}

/// Calls `take` with each cell that the box touches.
template <class Take>
void each_space_cell(const SpaceBox& box, const Take& take) {
  using space_cell::index_on_axis;
  for (std::int64_t x = index_on_axis(box.low.x); x <= index_on_axis(box.high.x); ++x) {
    for (std::int64_t y = index_on_axis(box.low.y); y <= index_on_axis(box.high.y); ++y) {
      for (std::int64_t z = index_on_axis(box.low.z); z <= index_on_axis(box.high.z); ++z) {
        take(space_cell::cell_at(x, y, z));
      }
    }
  }
}

}  // namespace packwalk
