#include "core/geo/ecef.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

namespace packwalk {
namespace {

LatLon place(double latitude, double longitude) { return LatLon::from_degrees(latitude, longitude).value(); }

TEST(Ecef, OfTheAxesIsTheRadii) {
  const Ecef equator = ecef_from(place(0, 0));
  EXPECT_DOUBLE_EQ(6378137, equator.x);
  const Ecef pole = ecef_from(place(90, 17));
  EXPECT_NEAR(0, pole.x, 1e-9);
  EXPECT_NEAR(6356752.314245, pole.z, 1e-6);
  const Ecef east = ecef_from(place(0, 90));
  EXPECT_NEAR(6378137, east.y, 1e-9);
}

// A geodesic of 1 km and one of 10 km, computed with PROJ's geod (Karney 2013).
TEST(Ecef, ChordIsTheGeodesicWithinAMillimetre) {
  // One second of arc of latitude at the equator: 30.715 m; a minute of longitude there: 1855.325 m.
  EXPECT_NEAR(30.7151, chord(place(0, 0), place(1.0 / 3600, 0)), 1e-3);
  EXPECT_NEAR(1855.3248, chord(place(0, 0), place(0, 1.0 / 60)), 1e-3);
}

TEST(Ecef, NoPlaceIsSpecial) {
  EXPECT_NEAR(chord(place(10, 0), place(10, 0.001)), chord(place(10, 179.9995), place(10, -179.9995)), 1e-6);
  EXPECT_NEAR(2 * chord(place(90, 0), place(89.9999, 0)), chord(place(89.9999, 10), place(89.9999, -170)), 1e-6);
}

RC_GTEST_PROP(Ecef, ComesBackToThePlace, ()) {
  const double latitude = *rc::gen::inRange(-90'000'000, 90'000'001) / 1e6;
  const double longitude = *rc::gen::inRange(-180'000'000, 180'000'001) / 1e6;
  const LatLon back = place_of(ecef_from(place(latitude, longitude)));
  RC_ASSERT(chord(back, place(latitude, longitude)) < 1e-6);
}

}  // namespace
}  // namespace packwalk
