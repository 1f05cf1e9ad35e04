// Parts of the map that a quadtree divides.
#pragma once

#include <cstddef>
#include <vector>

#include "core/geo/lat_lon.h"

namespace packwalk {

/// Degrees from edge to edge. A position on an inner edge belongs to the quadrant east or north of it.
struct Region {
  double west, south, east, north;

  double middle_longitude() const { return (west + east) / 2; }
  double middle_latitude() const { return (south + north) / 2; }

  std::size_t quadrant_of(const LatLon& position) const {
    return (position.longitude() >= middle_longitude() ? 1U : 0U) +
           (position.latitude() >= middle_latitude() ? 2U : 0U);
  }
  Region quadrant(std::size_t which) const {
    const double x = middle_longitude();
    const double y = middle_latitude();
    return {(which & 1U) ? x : west, (which & 2U) ? y : south, (which & 1U) ? east : x, (which & 2U) ? north : y};
  }
  bool within(const Region& other) const {
    return west >= other.west && east <= other.east && south >= other.south && north <= other.north;
  }
  bool apart_from(const Region& other) const {
    return west > other.east || east < other.west || south > other.north || north < other.south;
  }
  bool has(const LatLon& position) const {
    return position.longitude() >= west && position.longitude() <= east && position.latitude() >= south &&
           position.latitude() <= north;
  }
};

inline constexpr Region world{-180, -90, 180, 90};

/// The box as regions that neither cross the antimeridian nor overlap; 180 and -180 are one meridian.
inline std::vector<Region> regions_of(const GeoBox& box) {
  if (box.crosses_antimeridian()) {
    return {{box.west(), box.south(), 180, box.north()}, {-180, box.south(), box.east(), box.north()}};
  }
  std::vector<Region> regions{{box.west(), box.south(), box.east(), box.north()}};
  if (box.east() == 180 && box.west() > -180) regions.push_back({-180, box.south(), -180, box.north()});
  if (box.west() == -180 && box.east() < 180) regions.push_back({180, box.south(), 180, box.north()});
  return regions;
}

}  // namespace packwalk
