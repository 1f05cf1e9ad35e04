#include "base/work_limits.h"

#include <gtest/gtest.h>

#include <thread>

namespace packwalk {
namespace {

using Clock = std::chrono::steady_clock;

TEST(WorkLimits, OfWorkThatHasNoneNothingEnds) {
  EXPECT_FALSE(work_must_end());
  EXPECT_EQ(Clock::time_point::max(), work_limits().deadline);
  const LimitedWork work({});
  EXPECT_FALSE(work_must_end());
}

TEST(WorkLimits, EndWorkWhenItsDeadlineHasPassedOrItsCallerIsGone) {
  {
    const LimitedWork late({.deadline = Clock::now()});
    EXPECT_TRUE(work_must_end());
    EXPECT_EQ(WorkEnd::late, late.ended());
  }
  std::stop_source caller;
  const LimitedWork work({.gone = caller.get_token()});
  EXPECT_FALSE(work_must_end());
  caller.request_stop();
  EXPECT_EQ(WorkEnd::none, work.ended()) << "nobody has asked since";
  EXPECT_TRUE(work_must_end());
  EXPECT_EQ(WorkEnd::gone, work.ended());
}

TEST(WorkLimits, WithinOthersTheEarlierDeadlineCountsAndTheOthersComeBack) {
  const auto soon = Clock::now() + std::chrono::hours(1);
  std::stop_source caller;
  const LimitedWork outer({.deadline = soon, .gone = caller.get_token()});
  {
    const LimitedWork inner({.deadline = soon + std::chrono::hours(1)});
    EXPECT_EQ(soon, work_limits().deadline);
    caller.request_stop();
    EXPECT_FALSE(work_must_end()) << "what others need too is done although this caller is gone";
  }
  EXPECT_TRUE(work_must_end());
}

TEST(WorkLimits, AreThoseOfOneThread) {
  const LimitedWork late({.deadline = Clock::now()});
  bool other_must_end = true;
  std::thread([&] { other_must_end = work_must_end(); }).join();
  EXPECT_FALSE(other_must_end);
  EXPECT_TRUE(work_must_end());
}

}  // namespace
}  // namespace packwalk
