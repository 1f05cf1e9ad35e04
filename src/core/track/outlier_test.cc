#include "core/track/outlier.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "core/geo/ecef.h"

namespace packwalk {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t start = 1'700'000'000;
constexpr double degree_m = 111'195;  // of latitude, near 50 N

PathFix fix(std::int64_t after, double latitude, double longitude, MaybeMeters accuracy = {}) {
  return {LatLon::from_degrees(latitude, longitude).value(), accuracy, device_time(start + after)};
}

/// So many metres to the north of 50 N.
PathFix north(std::int64_t after, double meters, MaybeMeters accuracy = {}) {
  return fix(after, 50 + meters / degree_m, 8, accuracy);
}

std::vector<std::size_t> found(const std::vector<PathFix>& fixes, const OutlierRules& rules = {}) {
  return outliers_of(fixes, rules);
}

TEST(Outlier, IsAFixFromWhichTheDeviceIsBackAtOnce) {
  EXPECT_THAT(found({north(0, 0), north(5, 3000), north(10, 6)}), ElementsAre(1));
  EXPECT_THAT(found({north(0, 0), fix(5, 0.000001, 0.000001), north(10, 6)}), ElementsAre(1));
  EXPECT_THAT(found({north(0, 0), fix(5, -50, -172), north(10, 6)}), ElementsAre(1)) << "through the earth";
}

TEST(Outlier, IsNoneWhereThereIsNoNeighbourOnASide) {
  EXPECT_THAT(found({}), IsEmpty());
  EXPECT_THAT(found({north(0, 9000)}), IsEmpty());
  EXPECT_THAT(found({north(0, 9000), north(5, 0), north(10, 3)}), IsEmpty());
  EXPECT_THAT(found({north(0, 0), north(5, 3), north(10, 9000)}), IsEmpty()) << "it may be the last fix";
}

TEST(Outlier, IsNoneWhereTheDeviceStaysOrComesFarther) {
  EXPECT_THAT(found({north(0, 0), north(5, 9000), north(10, 9006), north(15, 3)}), IsEmpty()) << "two in a row";
  EXPECT_THAT(found({north(0, 0), north(5, 9000), north(10, 18000)}), IsEmpty()) << "by plane";
  EXPECT_THAT(found({north(0, 0), north(5, 9000), north(10, 6000)}), IsEmpty()) << "it is not back";
}

/// Each of the three speeds at its limit, which is met at exactly 35 m/s.
TEST(Outlier, HasBothItsSpeedsBeyondTheLimitAndThatBetweenItsNeighboursWithin) {
  constexpr double reach_m = 35 * 10 + 5 + 5;
  EXPECT_THAT(found({north(0, 0), north(10, reach_m + 1), north(20, 0)}), ElementsAre(1));
  EXPECT_THAT(found({north(0, 0), north(10, reach_m - 1), north(20, -9)}), IsEmpty()) << "to it";
  EXPECT_THAT(found({north(0, -9), north(10, reach_m - 1), north(20, 0)}), IsEmpty()) << "from it";
  constexpr double apart_m = 35 * 20 + 5 + 5;
  EXPECT_THAT(found({north(0, 0), north(10, 5000), north(20, apart_m - 1)}), ElementsAre(1));
  EXPECT_THAT(found({north(0, 0), north(10, 5000), north(20, apart_m + 1)}), IsEmpty());
}

TEST(Outlier, IsJudgedByTheDistanceWithoutBothAccuracies) {
  EXPECT_THAT(found({north(0, 0), north(5, 3000, 2200), north(10, 6)}), ElementsAre(1)) << "795 m in 5 s";
  EXPECT_THAT(found({north(0, 0), north(5, 2300, 2200), north(10, 6)}), IsEmpty());
  EXPECT_THAT(found({north(0, 0, 1000), north(5, 1100), north(10, 6)}), IsEmpty());
  EXPECT_THAT(found({north(0, 0), north(5, 200), north(10, 6)}), ElementsAre(1)) << "5 m where nothing is told";
  EXPECT_THAT(found({north(0, 0), north(5, 184, 0.0), north(10, 6)}), IsEmpty()) << "0 tells nothing";
  EXPECT_THAT(found({north(0, 0, 1), north(5, 184, 1), north(10, 6, 1)}), ElementsAre(1));
}

TEST(Outlier, HasBothNeighboursWithinTheBridge) {
  EXPECT_THAT(found({north(0, 0), north(90, 50'000), north(180, 6)}), ElementsAre(1));
  EXPECT_THAT(found({north(0, 0), north(91, 50'000), north(181, 6)}), IsEmpty());
  EXPECT_THAT(found({north(0, 0), north(90, 50'000), north(181, 6)}), IsEmpty());
}

TEST(Outlier, DependsOnItsNeighboursWhateverTheyAre) {
  EXPECT_THAT(found({north(0, 0), north(5, 9000), north(10, 3), north(15, 9003), north(20, 6)}), ElementsAre(1, 2, 3))
      << "of a collar that leaps to and fro only the ends stay";
}

TEST(Outlier, IsFoundAtTheAntimeridianAndAtThePole) {
  EXPECT_THAT(found({fix(0, 1, 179.9999), fix(5, 1, -179.9999), fix(10, 1, 179.9998)}), IsEmpty()) << "22 m";
  EXPECT_THAT(found({fix(0, 1, 179.9999), fix(5, 1, -179.9), fix(10, 1, -179.9999)}), ElementsAre(1));
  EXPECT_THAT(found({fix(0, 89.9999, 0), fix(5, 89.9999, 180), fix(10, 89.9999, 0)}), IsEmpty()) << "22 m";
  EXPECT_THAT(found({fix(0, 89.9999, 0), fix(5, 89.9, 90), fix(10, 89.9999, 180)}), ElementsAre(1));
}

TEST(Outlier, IsNoneWithoutAGreatestSpeed) {
  EXPECT_THAT(found({north(0, 0), north(5, 9000), north(10, 6)}, {.speed_max_mps = 0}), IsEmpty());
}

TEST(TakeOut, LeavesTheOthersInTheirOrder) {
  const std::vector<PathFix> all = {north(0, 0), north(5, 1), north(10, 2), north(15, 3)};
  auto fixes = all;
  EXPECT_THAT(take_out(fixes, {}), IsEmpty());
  EXPECT_EQ(all, fixes);
  const std::vector<std::size_t> some = {1, 3};
  EXPECT_THAT(take_out(fixes, some), ElementsAre(all[1], all[3]));
  EXPECT_THAT(fixes, ElementsAre(all[0], all[2]));
}

// As the definition says it, without a short cut.
std::vector<std::size_t> obvious_outliers(const std::vector<PathFix>& fixes, const OutlierRules& rules) {
  const auto accuracy = [](const PathFix& each) {
    return each.accuracy.value_or(0) > 0 ? each.accuracy.value_or(0) : 5.0;
  };
  const auto speed = [&](const PathFix& a, const PathFix& b) {
    const double distance = chord(a.position, b.position) - accuracy(a) - accuracy(b);
    return distance / static_cast<double>((b.timestamp - a.timestamp).count());
  };
  std::vector<std::size_t> outliers;
  for (std::size_t q = 1; q + 1 < fixes.size(); ++q) {
    const PathFix& before = fixes[q - 1];
    const PathFix& after = fixes[q + 1];
    if (fixes[q].timestamp - before.timestamp <= rules.bridge && after.timestamp - fixes[q].timestamp <= rules.bridge &&
        speed(before, fixes[q]) > rules.speed_max_mps && speed(fixes[q], after) > rules.speed_max_mps &&
        speed(before, after) <= rules.speed_max_mps) {
      outliers.push_back(q);
    }
  }
  return outliers;
}

RC_GTEST_PROP(Outlier, IsTheObviousOne, ()) {
  using rc::gen::element;
  const auto [latitude, longitude] = *element(std::pair(50.0, 8.0), std::pair(0.0, 179.999), std::pair(-89.99, 30.0));
  std::vector<PathFix> fixes;
  std::int64_t at = 0;
  for (const int step : *rc::gen::container<std::vector<int>>(element(1, 2, 5, 30, 90, 91))) {
    at += step;
    const double north_m = *element(0, 3, 37, 100, 500, 3100, -1'000'000);
    const double east = *element(0.0, 0.0, 0.0003, 0.01, 120.0);
    const double around = longitude + east > 180 ? longitude + east - 360 : longitude + east;
    const double accuracy = *element(0, 1, 5, 60, 2200);
    fixes.push_back(fix(at, std::max(-90.0, latitude + north_m / degree_m), around,
                        accuracy > 0 ? MaybeMeters(accuracy) : MaybeMeters()));
  }
  OutlierRules rules;
  rules.speed_max_mps = *element(1, 10, 35, 300);
  rules.bridge = seconds(*element(5, 30, 90));
  const auto expected = obvious_outliers(fixes, rules);
  RC_CLASSIFY(!expected.empty(), "outliers");
  RC_ASSERT(outliers_of(fixes, rules) == expected);
}

}  // namespace
}  // namespace packwalk
