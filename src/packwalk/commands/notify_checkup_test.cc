#include "packwalk/commands/notify_checkup.h"

#include <gtest/gtest.h>

namespace packwalk {
namespace {

constexpr ServerTime checked_at = server_time(1'769'853'600'000'000);

class CountedOutbox final : public Outbox {
 public:
  explicit CountedOutbox(Result<OutboxLevels> levels) : levels_(std::move(levels)) {}

  Result<std::vector<WaitingEvent>> next(OutboxLimits /*limits*/) override { return std::vector<WaitingEvent>(); }
  Result<std::size_t> fan_out(std::span<const FannedOut> /*events*/, ServerTime /*now*/) override { return 0U; }
  Result<std::vector<LeasedLine>> due(ServerTime /*now*/, ServerTime /*until*/, OutboxLimits /*limits*/) override {
    return std::vector<LeasedLine>();
  }
  Result<void> settle(std::span<const SettledLine> /*lines*/) override { return {}; }
  Result<OutboxLevels> levels() override { return levels_; }

 private:
  const Result<OutboxLevels> levels_;
};

std::vector<Finding> examine(Result<OutboxLevels> levels) {
  CountedOutbox outbox(std::move(levels));
  return examine_notifications(outbox, checked_at);
}

TEST(NotifyCheckup, WarnsOfNotificationsThatWaitForLong) {
  const auto found =
      examine(OutboxLevels{.events = 1, .notifications = 7, .oldest = checked_at - std::chrono::minutes(12)});
  ASSERT_EQ(1U, found.size());
  EXPECT_EQ(Severity::doubtful, found[0].severity);
  EXPECT_EQ("notifications are not delivered: 8 wait, the oldest for 12 minutes", found[0].says);
  EXPECT_NE("", found[0].remedy);
}

TEST(NotifyCheckup, SaysNothingOfNotificationsThatHaveJustCome) {
  EXPECT_TRUE(examine(OutboxLevels{}).empty());
  EXPECT_TRUE(examine(OutboxLevels{.notifications = 7, .oldest = checked_at - std::chrono::minutes(5)}).empty());
  EXPECT_TRUE(examine(fail(Errc::unavailable, "the store is away")).empty());
}

}  // namespace
}  // namespace packwalk
