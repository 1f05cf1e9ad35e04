// A position on the earth and a box of positions, in WGS 84 degrees.
#pragma once

#include "base/result.h"

namespace packwalk {

/// A position: latitude -90..90, longitude -180..180, both finite.
class LatLon {
 public:
  constexpr LatLon() = default;
  /// Errc::invalid_input: a value is not finite or out of range.
  static Result<LatLon> from_degrees(double latitude, double longitude);
  static bool latitude_is_valid(double latitude) { return latitude >= -90 && latitude <= 90; }
  static bool longitude_is_valid(double longitude) { return longitude >= -180 && longitude <= 180; }

  double latitude() const { return latitude_; }
  double longitude() const { return longitude_; }

  friend bool operator==(const LatLon&, const LatLon&) = default;

 private:
  constexpr LatLon(double latitude, double longitude) : latitude_(latitude), longitude_(longitude) {}
  double latitude_ = 0;
  double longitude_ = 0;
};

/// A box of degrees, its edges included. West greater than east means that it crosses the antimeridian (RFC 7946).
class GeoBox {
 public:
  constexpr GeoBox() = default;
  /// In the order of a GeoJSON bbox. Errc::invalid_input: a value is out of range, or south is greater than north.
  static Result<GeoBox> from_degrees(double west, double south, double east, double north);

  double west() const { return west_; }
  double south() const { return south_; }
  double east() const { return east_; }
  double north() const { return north_; }
  bool crosses_antimeridian() const { return west_ > east_; }

  bool contains(const LatLon& place) const;
  friend bool operator==(const GeoBox&, const GeoBox&) = default;

 private:
  GeoBox(double west, double south, double east, double north)
      : west_(west), south_(south), east_(east), north_(north) {}
  bool has_longitude(double longitude) const {
    return crosses_antimeridian() ? longitude >= west_ || longitude <= east_ : longitude >= west_ && longitude <= east_;
  }

  double west_ = 0, south_ = 0, east_ = 0, north_ = 0;
};

}  // namespace packwalk
