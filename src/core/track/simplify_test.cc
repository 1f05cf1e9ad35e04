#include "core/track/simplify.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/geo/ecef.h"

namespace packwalk {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Indices = std::vector<std::size_t>;

LatLon at(double latitude, double longitude) { return LatLon::from_degrees(latitude, longitude).value(); }

/// So many metres to the east and north of `origin`, nearly.
LatLon beside(const LatLon& origin, double east_m, double north_m) {
  const double longitude = origin.longitude() + east_m / (111'320 * std::cos(origin.latitude() * M_PI / 180));
  return at(origin.latitude() + north_m / 111'200, std::remainder(longitude, 360));
}

Indices kept(const std::vector<LatLon>& line, double tolerance_m) { return simplified(line, tolerance_m); }

TEST(Simplified, KeepsTheEnds) {
  EXPECT_THAT(kept({}, 5), IsEmpty());
  EXPECT_THAT(kept({at(1, 2)}, 5), ElementsAre(0));
  EXPECT_THAT(kept({at(1, 2), at(1, 2)}, 5), ElementsAre(0, 1));
  EXPECT_THAT(kept({at(1, 2), at(1, 2), at(1, 2)}, 5), ElementsAre(0, 2));
}

TEST(Simplified, KeepsWhatIsFartherThanTheTolerance) {
  const LatLon origin = at(48.7, 44.5);
  const std::vector<LatLon> line = {origin, beside(origin, 100, 9), beside(origin, 200, 0), beside(origin, 300, -12),
                                    beside(origin, 400, 0)};
  EXPECT_THAT(kept(line, 13), ElementsAre(0, 4));
  EXPECT_THAT(kept(line, 11), ElementsAre(0, 1, 3, 4)) << "9 m above the middle is 13 m above the way to -12 m";
  EXPECT_THAT(kept(line, 1), ElementsAre(0, 1, 2, 3, 4));
}

TEST(Simplified, KnowsThatASegmentEnds) {
  const LatLon origin = at(48.7, 44.5);
  EXPECT_THAT(kept({origin, beside(origin, 500, 0), beside(origin, 100, 0)}, 50), ElementsAre(0, 1, 2))
      << "there and back on one line";
}

TEST(Simplified, IsTheSameAcrossTheAntimeridianAndAtAPole) {
  const std::vector<std::pair<double, double>> metres = {{0, 0}, {60, 3}, {120, -8}, {170, 2}, {260, 30}, {300, 0}};
  std::vector<LatLon> inland;
  std::vector<LatLon> across;
  for (const auto& [east, north] : metres) {
    inland.push_back(beside(at(-16.8, 100), east, north));
    across.push_back(beside(at(-16.8, 179.999), east, north));
  }
  ASSERT_LT(across.back().longitude(), 0);
  for (const double tolerance : {1.0, 5.0, 10.0, 40.0}) EXPECT_EQ(kept(inland, tolerance), kept(across, tolerance));

  // Straight over the pole, though the longitudes jump by half a turn.
  EXPECT_THAT(kept({at(89.999, 30), at(89.9999, 30), at(90, 0), at(89.9995, -150), at(89.999, -150)}, 1),
              ElementsAre(0, 4));
  EXPECT_THAT(kept({at(89.999, 30), at(89.999, 120), at(89.999, -150)}, 1), ElementsAre(0, 1, 2)) << "round the pole";
}

TEST(Simplified, OfTheWorstLineIsDoneSoon) {
  // From the last bend to the first each is the farthest: one point a pass.
  constexpr int points = 5000;
  std::vector<LatLon> line;
  line.reserve(points);
  for (int i = 0; i < points; ++i) line.push_back(beside(at(10, 10), 0, i % 2 == 0 ? i : -i));
  EXPECT_EQ(line.size(), kept(line, 0.5).size());
}

/// As the rule reads: by itself, with no stack and no blocks.
void keep_obviously(const std::vector<LatLon>& line, std::size_t from, std::size_t to, double tolerance_m,
                    Indices& indices) {
  std::size_t farthest = from;
  double greatest = tolerance_m;
  for (std::size_t i = from + 1; i < to; ++i) {
    const Ecef a = ecef_from(line[from]);
    const Ecef along = ecef_from(line[to]) - a;
    const double share = along == Ecef{} ? 0 : dot(ecef_from(line[i]) - a, along) / dot(along, along);
    const double away = norm(ecef_from(line[i]) - (a + along * std::clamp(share, 0.0, 1.0)));
    if (away > greatest) {
      greatest = away;
      farthest = i;
    }
  }
  if (farthest == from) return;
  keep_obviously(line, from, farthest, tolerance_m, indices);
  indices.push_back(farthest);
  keep_obviously(line, farthest, to, tolerance_m, indices);
}

RC_GTEST_PROP(Simplified, IsTheObviousOne, ()) {
  const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(-30, 31), rc::gen::inRange(-30, 31)));
  const LatLon origin = *rc::gen::element(at(48.7, 44.5), at(-16.8, 179.9999), at(89.9, 0));
  std::vector<LatLon> line = {origin};
  double east = 0;
  double north = 0;
  for (const auto& [x, y] : steps) line.push_back(beside(origin, east += x, north += y / 2.0));
  const double tolerance = *rc::gen::element(0.0, 1.0, 7.0, 40.0);
  Indices obvious = {0};
  if (line.size() > 1) {
    keep_obviously(line, 0, line.size() - 1, tolerance, obvious);
    obvious.push_back(line.size() - 1);
  }
  RC_ASSERT(kept(line, tolerance) == obvious);
}

}  // namespace
}  // namespace packwalk
