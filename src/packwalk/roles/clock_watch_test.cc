#include "packwalk/roles/clock_watch.h"

#include <gtest/gtest.h>

namespace packwalk {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(ClockWatch, TellsOfEachJumpOnceInBothDirectionsAndDoubtsWhatIsOldMeanwhile) {
  ClockWatch watch;
  ServerTime now = server_time(1'767'261'600'000'000);
  ClockWatch::Steady steady{};
  const auto pass = [&](auto time) {
    now += time;
    steady += time;
    return watch.jump(now, steady);
  };
  EXPECT_FALSE(pass(seconds(0)));
  EXPECT_FALSE(pass(seconds(1)));
  now += milliseconds(500);  // it is adjusted
  EXPECT_FALSE(pass(seconds(1)));
  EXPECT_FALSE(watch.is_doubtful(steady));
  now += hours(24);
  EXPECT_EQ(hours(24), pass(seconds(1)));
  EXPECT_FALSE(pass(seconds(1)));
  EXPECT_TRUE(watch.is_doubtful(steady));
  now -= hours(24);
  EXPECT_EQ(hours(-24), pass(seconds(1)));
  EXPECT_FALSE(pass(seconds(1)));
  EXPECT_FALSE(watch.is_doubtful(steady));
}

TEST(ClockWatch, BelievesAClockThatStaysAhead) {
  ClockWatch watch;
  const ServerTime now = server_time(1'767'261'600'000'000);
  EXPECT_FALSE(watch.jump(now, {}));
  EXPECT_TRUE(watch.jump(now + hours(24), {}));
  EXPECT_TRUE(watch.is_doubtful(ClockWatch::Steady(ClockWatch::doubtful_for - seconds(1))));
  EXPECT_FALSE(watch.is_doubtful(ClockWatch::Steady(ClockWatch::doubtful_for)));
}

}  // namespace
}  // namespace packwalk
