#include "core/geo/lat_lon.h"

#include <gtest/gtest.h>

#include <limits>

namespace packwalk {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

LatLon at(double latitude, double longitude) { return LatLon::from_degrees(latitude, longitude).value(); }

TEST(LatLon, RefusesWhatIsNotOnEarth) {
  EXPECT_TRUE(LatLon::from_degrees(90, -180));
  for (const auto& [latitude, longitude] :
       {std::pair{90.1, 0.0}, {0.0, 180.1}, {nan, 0.0}, {0.0, nan}, {std::numeric_limits<double>::infinity(), 0.0}}) {
    EXPECT_FALSE(LatLon::from_degrees(latitude, longitude)) << latitude << ", " << longitude;
  }
}

TEST(GeoBox, ContainsItsEdges) {
  const GeoBox box = GeoBox::from_degrees(10, 50, 11, 51).value();
  EXPECT_TRUE(box.contains(at(50, 10)));
  EXPECT_TRUE(box.contains(at(51, 11)));
  EXPECT_FALSE(box.contains(at(51.0001, 10.5)));
  EXPECT_FALSE(box.contains(at(50.5, 9.9999)));
}

TEST(GeoBox, CrossesTheAntimeridianWhenWestIsGreaterThanEast) {
  const GeoBox box = GeoBox::from_degrees(179, -20, -179, -10).value();
  EXPECT_TRUE(box.contains(at(-15, 179.5)));
  EXPECT_TRUE(box.contains(at(-15, -179.5)));
  EXPECT_FALSE(box.contains(at(-15, 0)));
}

TEST(GeoBox, TakesBothNamesOfTheAntimeridianForOneMeridian) {
  EXPECT_TRUE(GeoBox::from_degrees(-180, -20, -170, -10).value().contains(at(-15, 180)));
  EXPECT_TRUE(GeoBox::from_degrees(170, -20, 180, -10).value().contains(at(-15, -180)));
}

TEST(GeoBox, RefusesABoxThatStandsOnItsHead) { EXPECT_FALSE(GeoBox::from_degrees(10, 51, 11, 50)); }

}  // namespace
}  // namespace packwalk
