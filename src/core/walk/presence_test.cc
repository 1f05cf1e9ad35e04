#include "core/walk/presence.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <utility>

namespace packwalk {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

PathPoint point(Second at, bool moves_to_next) { return {.at = at, .accuracy_m = 5, .moves_to_next = moves_to_next}; }

TEST(Presence, IsOnTheWayToTheNextFixElseAtItsOwnSecond) {
  const std::vector<PathPoint> path = {point(10, true),   point(15, true),  point(40, false), point(200, false),
                                       point(201, false), point(300, true), point(310, false)};
  EXPECT_THAT(presence_of(path), ElementsAre(Seconds{10, 40}, Seconds{200, 201}, Seconds{300, 310}));
  EXPECT_THAT(presence_of({}), IsEmpty());
}

TEST(Presence, OfTwoIsTheSecondsInBoth) {
  const std::vector<Seconds> one = {{0, 9}, {20, 29}, {40, 40}};
  const std::vector<Seconds> other = {{5, 22}, {25, 40}};
  EXPECT_EQ(5 + 3 + 5 + 1, common_seconds(one, other));
  EXPECT_EQ(common_seconds(one, other), common_seconds(other, one));
  EXPECT_EQ(21, common_seconds(one, one));
  EXPECT_EQ(0, common_seconds(one, {}));
}

RC_GTEST_PROP(Presence, IsWhereWhereaboutsKnowsAPlace, ()) {
  const auto steps = *rc::gen::container<std::vector<std::pair<int, bool>>>(
      rc::gen::pair(rc::gen::inRange(1, 12), rc::gen::arbitrary<bool>()));
  std::vector<PathPoint> path;
  Second at = 0;
  for (const auto& [step, moves] : steps) path.push_back(point(at += step, moves));
  if (!path.empty()) path.back().moves_to_next = false;
  const std::vector<Seconds> all = {{0, at + 1}};
  std::int64_t seconds = 0;
  for (Second second = 0; second <= at + 1; ++second) seconds += whereabouts(path, second).has_value() ? 1 : 0;
  RC_ASSERT(common_seconds(presence_of(path), all) == seconds);
}

}  // namespace
}  // namespace packwalk
