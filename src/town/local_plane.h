// The plane on which a town is laid out, and its way back to the globe.
#pragma once

#include <cmath>

#include "core/geo/lat_lon.h"

namespace packwalk::town {

/// Metres east and north of the middle of the town.
struct EastNorth {
  double east = 0;
  double north = 0;

  friend EastNorth operator+(EastNorth a, EastNorth b) { return {a.east + b.east, a.north + b.north}; }
  friend EastNorth operator-(EastNorth a, EastNorth b) { return {a.east - b.east, a.north - b.north}; }
  friend EastNorth operator*(EastNorth a, double factor) { return {a.east * factor, a.north * factor}; }
};

inline double length(EastNorth step) { return std::hypot(step.east, step.north); }
inline EastNorth between(EastNorth a, EastNorth b, double share) { return a + (b - a) * share; }

/// The plane that touches the WGS 84 ellipsoid at a place. It knows no seam at 180 degrees and none at a pole.
class LocalPlane {
 public:
  explicit LocalPlane(const LatLon& origin);

  /// The place straight under (along the ellipsoid's normal) a point of the plane, rounded to 1e-7 degree, never
  /// exactly (0, 0). Within 20 km of the origin, distances are kept to 1 part in 100,000.
  LatLon lat_lon(EastNorth point) const;

 private:
  struct Vector {
    double x, y, z;
  };
  Vector origin_, east_, north_;
};

}  // namespace packwalk::town
