#include "app/ingest/device_limits.h"

#include <gtest/gtest.h>

namespace packwalk {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr DeviceNumber rex{7};
constexpr DeviceNumber bob{23};  // of the same share
constexpr ServerTime noon = server_time(1'767'268'800'000'000);

TEST(DeviceLimits, TakeNoMoreThanADaysRecordsOfADeviceAndNameTheTimeUntilMidnight) {
  DeviceLimits limits({.day_max = 10});
  EXPECT_FALSE(limits.take(rex, 9, noon));
  EXPECT_FALSE(limits.reached(rex, noon));
  ASSERT_TRUE(limits.take(rex, 2, noon)) << "all or none";
  EXPECT_FALSE(limits.take(rex, 1, noon));
  ASSERT_TRUE(limits.reached(rex, noon));
  EXPECT_EQ(DeviceLimit::day, limits.reached(rex, noon)->limit);
  EXPECT_EQ(seconds(3600), limits.reached(rex, noon)->retry_after) << "an hour at most";
  const ServerTime late = noon + hours(12) - seconds(90);
  EXPECT_EQ(seconds(90), limits.reached(rex, late)->retry_after);
  EXPECT_FALSE(limits.reached(bob, noon)) << "of another device nothing was counted";
  EXPECT_FALSE(limits.take(bob, 10, noon));
}

TEST(DeviceLimits, BeginAnewWithTheDayOfUtc) {
  DeviceLimits limits({.day_max = 10});
  const ServerTime last = noon + hours(12) - std::chrono::microseconds(1);
  EXPECT_FALSE(limits.take(rex, 10, last));
  EXPECT_TRUE(limits.take(rex, 1, last));
  const ServerTime midnight = noon + hours(12);
  EXPECT_FALSE(limits.reached(rex, midnight));
  EXPECT_FALSE(limits.take(rex, 10, midnight));
  limits.give_back(rex, 10, last);
  EXPECT_TRUE(limits.take(rex, 1, midnight)) << "what comes back belongs to the day before";
}

TEST(DeviceLimits, CountTheDaysOfBothSidesOfMidnightHoweverTheyAlternate) {
  DeviceLimits limits({.day_max = 10});
  const ServerTime midnight = noon + hours(12);
  const ServerTime last = midnight - std::chrono::microseconds(1);
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(limits.take(rex, 2, last)) << i;
    EXPECT_FALSE(limits.take(rex, 2, midnight)) << i;
  }
  EXPECT_TRUE(limits.take(rex, 1, last));
  EXPECT_TRUE(limits.take(rex, 1, midnight));
  EXPECT_TRUE(limits.reached(rex, last));
  EXPECT_TRUE(limits.reached(rex, midnight));
  limits.give_back(rex, 1, last);
  EXPECT_TRUE(limits.take(rex, 1, midnight));
  EXPECT_FALSE(limits.take(rex, 1, last));
  EXPECT_FALSE(limits.take(rex, 10, midnight + hours(24))) << "the day after has a count of its own";
}

TEST(DeviceLimits, CountNothingThatCouldNotBeKept) {
  DeviceLimits limits({.day_max = 10});
  EXPECT_FALSE(limits.take(rex, 10, noon));
  limits.give_back(rex, 4, noon);
  EXPECT_FALSE(limits.take(rex, 4, noon));
  EXPECT_TRUE(limits.take(rex, 1, noon));
}

TEST(DeviceLimits, TakeNoPacketsOfADeviceThatHasSentTooMuchThatCannotBeRead) {
  DeviceLimits limits({.day_max = 10, .unreadable_max = 1});
  limits.count_unreadable(rex, 100, noon);
  const auto refused = limits.take(rex, 10, noon);
  ASSERT_TRUE(refused);
  EXPECT_EQ(DeviceLimit::unreadable, refused->limit);
  EXPECT_FALSE(limits.take(bob, 1, noon));
  EXPECT_FALSE(limits.take(rex, 10, noon + hours(1))) << "what was refused is not counted";
}

TEST(DeviceLimits, RefuseADeviceThatSendsMoreUnreadableBodiesThanAMinuteAllows) {
  DeviceLimits limits({.unreadable_max = 60});
  for (int i = 0; i < 60; ++i) {
    EXPECT_FALSE(limits.reached(rex, noon)) << i;
    limits.count_unreadable(rex, 100, noon);
  }
  ASSERT_TRUE(limits.reached(rex, noon));
  EXPECT_EQ(DeviceLimit::unreadable, limits.reached(rex, noon)->limit);
  EXPECT_EQ(seconds(1), limits.reached(rex, noon)->retry_after);
  EXPECT_FALSE(limits.reached(rex, noon + seconds(1))) << "one a second is forgotten";
  EXPECT_FALSE(limits.reached(bob, noon));
}

TEST(DeviceLimits, CountLargeUnreadableBodiesByTheirKibibytes) {
  DeviceLimits limits({.unreadable_max = 60});
  limits.count_unreadable(rex, 58UL * 1024, noon);
  EXPECT_FALSE(limits.reached(rex, noon)) << "it counts as 59";
  limits.count_unreadable(rex, 29UL * 1024, noon);
  EXPECT_EQ(seconds(30), limits.reached(rex, noon)->retry_after);
}

TEST(DeviceLimits, NeverRefuseForLongerThanAMinuteWhateverCameAtOnceOrTheClockDid) {
  DeviceLimits limits({.unreadable_max = 1});
  for (int i = 0; i < 100; ++i) limits.count_unreadable(rex, 64UL * 1024, noon + hours(5));
  EXPECT_GE(seconds(60), limits.reached(rex, noon + hours(5))->retry_after);
  EXPECT_FALSE(limits.reached(rex, noon + hours(5) + seconds(61)));
  limits.count_unreadable(rex, 0, noon);  // the clock was ahead
  EXPECT_GE(seconds(60), limits.reached(rex, noon)->retry_after);
  EXPECT_FALSE(limits.reached(rex, noon + seconds(61)));
}

TEST(DeviceLimits, AreNoneWhereTheRulesSayZero) {
  DeviceLimits limits({});
  for (int i = 0; i < 1000; ++i) limits.count_unreadable(rex, 64UL * 1024, noon);
  EXPECT_FALSE(limits.take(rex, 1'000'000'000, noon));
  EXPECT_FALSE(limits.reached(rex, noon));
}

}  // namespace
}  // namespace packwalk
