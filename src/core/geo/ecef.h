// Earth-centred coordinates: where the difference of two positions is a straight line, also at a pole and at the
// antimeridian.
#pragma once

#include <cmath>

#include "core/geo/lat_lon.h"

namespace packwalk {

/// Metres from the earth's centre; x towards 0° N 0° E, y towards 0° N 90° E, z towards the north pole.
struct Ecef {
  double x = 0;
  double y = 0;
  double z = 0;

  friend Ecef operator+(const Ecef& a, const Ecef& b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
  friend Ecef operator-(const Ecef& a, const Ecef& b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
  friend Ecef operator*(const Ecef& a, double factor) { return {a.x * factor, a.y * factor, a.z * factor}; }
  friend bool operator==(const Ecef&, const Ecef&) = default;
};

inline double dot(const Ecef& a, const Ecef& b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
inline double norm(const Ecef& a) { return std::sqrt(dot(a, a)); }

/// Of a position at height 0 on the ellipsoid of WGS 84 (NIMA TR8350.2: a = 6378137 m, 1/f = 298.257223563): N = a /
/// sqrt(1 - e² sin² φ); x = N cos φ cos λ, y = N cos φ sin λ, z = N (1 - e²) sin φ.
Ecef ecef_from(const LatLon& place);

/// The position below or above a point that is near the ground, by Bowring's formula (Survey Review 23, 1976): within a
/// micrometre up to some kilometres of height.
LatLon place_of(const Ecef& point);

/// Metres, straight through the ground: within a millimetre of the geodesic up to 10 km.
double chord(const LatLon& a, const LatLon& b);

}  // namespace packwalk
