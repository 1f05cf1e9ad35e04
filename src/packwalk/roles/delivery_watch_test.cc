#include "packwalk/roles/delivery_watch.h"

#include <gtest/gtest.h>

namespace packwalk {
namespace {

using Kind = DeliveryWatch::News::Kind;
using std::chrono::seconds;

constexpr DeliveryWatch::Time begin{std::chrono::hours(1)};

NotifyLevels failed(std::int64_t attempts) {
  NotifyLevels levels;
  levels.failed = levels.repeated = attempts;
  levels.failing = {"no answer", server_time(0)};
  return levels;
}

NotifyLevels delivered(std::int64_t failed_before) {
  NotifyLevels levels = failed(failed_before);
  levels.failing.reset();
  return levels;
}

TEST(DeliveryWatch, HasNewsOfFailuresAtOnceAndThenOnceAMinute) {
  DeliveryWatch watch;
  EXPECT_EQ(Kind::nothing, watch.look(delivered(0), begin).kind);
  const auto first = watch.look(failed(1), begin);
  EXPECT_EQ(Kind::fails, first.kind);
  EXPECT_EQ(1, first.failures);
  EXPECT_EQ(Kind::nothing, watch.look(failed(4), begin + seconds(59)).kind);
  const auto second = watch.look(failed(5), begin + seconds(60));
  EXPECT_EQ(Kind::fails, second.kind);
  EXPECT_EQ(4, second.failures) << "with all since the first one";
  EXPECT_EQ(Kind::nothing, watch.look(failed(5), begin + seconds(300)).kind) << "there was no further attempt";
}

TEST(DeliveryWatch, HasNewsOfTheFirstDeliveryAfterFailures) {
  DeliveryWatch watch;
  EXPECT_EQ(Kind::fails, watch.look(failed(1), begin).kind);
  EXPECT_EQ(Kind::works_again, watch.look(delivered(3), begin + seconds(10)).kind);
  EXPECT_EQ(Kind::nothing, watch.look(delivered(3), begin + seconds(11)).kind);
}

TEST(DeliveryWatch, IsBoundedIfSomeNotificationsFailAndOthersDoNot) {
  DeliveryWatch watch;
  int news = 0;
  for (int i = 0; i < 60; ++i) {
    if (watch.look(failed(i + 1), begin + seconds(i)).kind != Kind::nothing) ++news;
    if (watch.look(delivered(i + 1), begin + seconds(i)).kind != Kind::nothing) ++news;
  }
  EXPECT_EQ(2, news);
}

}  // namespace
}  // namespace packwalk
