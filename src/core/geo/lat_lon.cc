#include "core/geo/lat_lon.h"

namespace packwalk {

Result<LatLon> LatLon::from_degrees(double latitude, double longitude) {
  if (!latitude_is_valid(latitude)) return fail(Errc::invalid_input, "a latitude lies between -90 and 90");
  if (!longitude_is_valid(longitude)) return fail(Errc::invalid_input, "a longitude lies between -180 and 180");
  return LatLon(latitude, longitude);
}

Result<GeoBox> GeoBox::from_degrees(double west, double south, double east, double north) {
  if (!LatLon::longitude_is_valid(west) || !LatLon::longitude_is_valid(east)) {
    return fail(Errc::invalid_input, "a longitude lies between -180 and 180");
  }
  if (!LatLon::latitude_is_valid(south) || !LatLon::latitude_is_valid(north)) {
    return fail(Errc::invalid_input, "a latitude lies between -90 and 90");
  }
  if (south > north) return fail(Errc::invalid_input, "south is greater than north");
  return GeoBox(west, south, east, north);
}

bool GeoBox::contains(const LatLon& place) const {
  if (place.latitude() < south_ || place.latitude() > north_) return false;
  const double longitude = place.longitude();
  // 180 and -180 are one meridian.
  return has_longitude(longitude) || ((longitude == 180 || longitude == -180) && has_longitude(-longitude));
}

}  // namespace packwalk
