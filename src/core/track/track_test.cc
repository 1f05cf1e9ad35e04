#include "core/track/track.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "core/geo/ecef.h"
#include "core/track/track_cut.h"

namespace packwalk {
namespace {

using std::chrono::seconds;
using ::testing::IsEmpty;

constexpr std::int64_t start = 1'700'000'000;

PathFix fix(std::int64_t after, double latitude = 48.7, double longitude = 44.5, MaybeMeters accuracy = {}) {
  return {LatLon::from_degrees(latitude, longitude).value(), accuracy, device_time(start + after)};
}

/// So many metres to the north of 48.7 N.
PathFix north(std::int64_t after, double meters, MaybeMeters accuracy = {}) {
  return fix(after, 48.7 + meters / 111'200, 44.5, accuracy);
}

std::vector<Track> tracks(const std::vector<PathFix>& fixes, const std::vector<std::int64_t>& sleeps = {}) {
  std::vector<DeviceTime> times;
  times.reserve(sleeps.size());
  for (const std::int64_t after : sleeps) times.push_back(device_time(start + after));
  return tracks_of(fixes, times, {});
}

TEST(Tracks, OfNothingAreNone) { EXPECT_THAT(tracks({}), IsEmpty()); }

TEST(Tracks, EndWhereAGapIsOverTenMinutes) {
  EXPECT_EQ(1U, tracks({fix(0), fix(600)}).size());
  EXPECT_EQ(2U, tracks({fix(0), fix(601)}).size());
}

TEST(Tracks, EndWhereTheDogSlept) {
  EXPECT_EQ(2U, tracks({fix(0), fix(10)}, {5}).size());
  EXPECT_EQ(1U, tracks({fix(0), fix(10)}, {0, 10, 11}).size()) << "strictly between";
  EXPECT_EQ(3U, tracks({fix(0), fix(10), fix(20), fix(30)}, {-5, 5, 6, 25}).size());
}

TEST(Tracks, KnowTheirEndsAndTheirFixes) {
  const auto found = tracks({fix(0), fix(60), fix(1000)});
  ASSERT_EQ(2U, found.size());
  EXPECT_EQ(device_time(start), found[0].from);
  EXPECT_EQ(device_time(start + 60), found[0].to);
  EXPECT_EQ(2, found[0].fixes);
  EXPECT_EQ(found[1].from, found[1].to);
}

TEST(TrackLength, OfARestingDogIsNothing) {
  const auto found = tracks({north(0, 0), north(10, 4), north(20, -0.5), north(30, 4.5)});
  EXPECT_EQ(0, found[0].length_m);
  EXPECT_EQ(seconds(0), found[0].moving);
}

TEST(TrackLength, AddsLegsFromAnchorToAnchor) {
  const auto found = tracks({north(0, 0), north(10, 3), north(20, 6), north(30, 9), north(40, 12)});
  EXPECT_NEAR(12, found[0].length_m, 0.01) << "0, 6, 12";
  EXPECT_EQ(seconds(0), found[0].moving) << "0.3 m/s";
}

TEST(TrackLength, ALegMustBeLongerThanItsPlacesAreUnsure) {
  EXPECT_EQ(0, tracks({north(0, 0, 20), north(10, 15)})[0].length_m);
  EXPECT_EQ(0, tracks({north(0, 0), north(10, 15, 20)})[0].length_m);
  EXPECT_NEAR(15, tracks({north(0, 0, 14), north(10, 15, 14)})[0].length_m, 0.01);
  EXPECT_NEAR(6, tracks({north(0, 0, 0.0), north(10, 6, 0.0)})[0].length_m, 0.01) << "0 tells nothing";
}

TEST(TrackLength, MovingIsFasterThanHalfAMetreASecond) {
  EXPECT_EQ(seconds(10), tracks({north(0, 0), north(10, 6), north(100, 12)})[0].moving);
}

TEST(TrackBox, MayCrossTheAntimeridian) {
  const GeoBox box = tracks({fix(0, 1, 179.9), fix(1, 2, -179.9), fix(2, 1.5, 179.8)})[0].box;
  EXPECT_TRUE(box.crosses_antimeridian());
  EXPECT_EQ(179.8, box.west());
  EXPECT_EQ(-179.9, box.east());
  EXPECT_EQ(1, box.south());
  EXPECT_EQ(2, box.north());
}

TEST(TrackBox, RoundThePoleHasAllLongitudes) {
  const GeoBox box = tracks({fix(0, 89.9, 0), fix(1, 89.9, 120), fix(2, 89.9, -120), fix(3, 89.9, 0)})[0].box;
  EXPECT_EQ(-180, box.west());
  EXPECT_EQ(180, box.east());
}

// As the definition says it, fix by fix.
std::vector<std::pair<std::int64_t, std::int64_t>> obvious_ends(const std::vector<PathFix>& fixes,
                                                                const std::vector<DeviceTime>& sleeps) {
  std::vector<std::pair<std::int64_t, std::int64_t>> ends;
  for (std::size_t i = 0; i < fixes.size(); ++i) {
    const std::int64_t at = seconds_since_1970(fixes[i].timestamp);
    const bool begins = i == 0 || fixes[i].timestamp - fixes[i - 1].timestamp > seconds(600) ||
                        std::any_of(sleeps.begin(), sleeps.end(), [&](DeviceTime sleep) {
                          return fixes[i - 1].timestamp < sleep && sleep < fixes[i].timestamp;
                        });
    if (begins) ends.emplace_back(at, at);
    ends.back().second = at;
  }
  return ends;
}

RC_GTEST_PROP(Tracks, AreTheObviousOnes, ()) {
  std::vector<PathFix> fixes;
  std::vector<DeviceTime> sleeps;
  std::int64_t at = 0;
  for (const int step : *rc::gen::container<std::vector<int>>(rc::gen::element(1, 5, 60, 599, 600, 601, 2000))) {
    at += step;
    (*rc::gen::inRange(0, 4) == 0) ? sleeps.push_back(device_time(start + at)) : fixes.push_back(fix(at));
  }
  std::vector<std::pair<std::int64_t, std::int64_t>> ends;
  for (const Track& track : tracks_of(fixes, sleeps, {})) {
    ends.emplace_back(seconds_since_1970(track.from), seconds_since_1970(track.to));
  }
  RC_ASSERT(ends == obvious_ends(fixes, sleeps));
}

}  // namespace
}  // namespace packwalk
