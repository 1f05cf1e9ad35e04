#include "town/local_plane.h"

#include <numbers>

namespace packwalk::town {
namespace {

// WGS 84 (NGA.STND.0036): the half axes in metres, and the squares of both eccentricities.
constexpr double half_axis_a = 6378137.0;
constexpr double half_axis_b = half_axis_a * (1 - 1 / 298.257223563);
constexpr double e2 = 1 - half_axis_b * half_axis_b / (half_axis_a * half_axis_a);
constexpr double second_e2 = half_axis_a * half_axis_a / (half_axis_b * half_axis_b) - 1;
constexpr double degree = std::numbers::pi / 180;

double rounded(double degrees) { return std::round(degrees * 1e7) / 1e7 + 0.0; }  // + 0.0: never a negative zero

}  // namespace

LocalPlane::LocalPlane(const LatLon& origin) {
  const double sin_lat = std::sin(origin.latitude() * degree);
  const double cos_lat = std::cos(origin.latitude() * degree);
  const double sin_lon = std::sin(origin.longitude() * degree);
  const double cos_lon = std::cos(origin.longitude() * degree);
  const double normal = half_axis_a / std::sqrt(1 - e2 * sin_lat * sin_lat);
  origin_ = {normal * cos_lat * cos_lon, normal * cos_lat * sin_lon, normal * (1 - e2) * sin_lat};
  east_ = {-sin_lon, cos_lon, 0};
  north_ = {-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat};
}

// Latitude from earth-centred coordinates: B. R. Bowring, Survey Review 23, 1976; so near the ground exact to a
// nanometre.
LatLon LocalPlane::lat_lon(EastNorth point) const {
  const double x = origin_.x + east_.x * point.east + north_.x * point.north;
  const double y = origin_.y + east_.y * point.east + north_.y * point.north;
  const double z = origin_.z + east_.z * point.east + north_.z * point.north;
  const double from_axis = std::sqrt(x * x + y * y);
  const double theta = std::atan2(z * half_axis_a, from_axis * half_axis_b);
  const double sin_theta = std::sin(theta);
  const double cos_theta = std::cos(theta);
  const double latitude = std::atan2(z + second_e2 * half_axis_b * sin_theta * sin_theta * sin_theta,
                                     from_axis - e2 * half_axis_a * cos_theta * cos_theta * cos_theta);
  const double longitude = std::atan2(y, x);
  const double north = rounded(latitude / degree);
  const double east = rounded(longitude / degree);
  return LatLon::from_degrees(north == 0 && east == 0 ? 1e-7 : north, east).value();
}

}  // namespace packwalk::town
