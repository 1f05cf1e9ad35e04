#include "core/geo/ecef.h"

#include <algorithm>
#include <numbers>

namespace packwalk {
namespace {

constexpr double equatorial_radius = 6'378'137.0;
constexpr double flattening = 1 / 298.257223563;
constexpr double polar_radius = equatorial_radius * (1 - flattening);
constexpr double eccentricity_squared = flattening * (2 - flattening);
constexpr double second_eccentricity_squared = eccentricity_squared / (1 - eccentricity_squared);
constexpr double radians = std::numbers::pi / 180;

}  // namespace

Ecef ecef_from(const LatLon& place) {
  const double latitude = place.latitude() * radians;
  const double longitude = place.longitude() * radians;
  const double sin_latitude = std::sin(latitude);
  const double normal = equatorial_radius / std::sqrt(1 - eccentricity_squared * sin_latitude * sin_latitude);
  const double from_axis = normal * std::cos(latitude);
  return {from_axis * std::cos(longitude), from_axis * std::sin(longitude),
          normal * (1 - eccentricity_squared) * sin_latitude};
}

LatLon place_of(const Ecef& point) {
  const double from_axis = std::hypot(point.x, point.y);
  const double parametric = std::atan2(point.z * equatorial_radius, from_axis * polar_radius);
  const double sin_parametric = std::sin(parametric);
  const double cos_parametric = std::cos(parametric);
  const double latitude = std::atan2(
      point.z + second_eccentricity_squared * polar_radius * sin_parametric * sin_parametric * sin_parametric,
      from_axis - eccentricity_squared * equatorial_radius * cos_parametric * cos_parametric * cos_parametric);
  const double longitude = from_axis > 0 ? std::atan2(point.y, point.x) : 0;
  // Rounding must not lead out of the range.
  return LatLon::from_degrees(std::clamp(latitude / radians, -90.0, 90.0),
                              std::clamp(longitude / radians, -180.0, 180.0))
      .value_or(LatLon());
}

double chord(const LatLon& a, const LatLon& b) { return norm(ecef_from(a) - ecef_from(b)); }

}  // namespace packwalk
