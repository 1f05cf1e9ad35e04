#include "packwalk/roles/notify_role.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "packwalk/roles/roles_test.h"

namespace packwalk {
namespace {

class LostOutbox final : public Outbox {
 public:
  explicit LostOutbox(std::atomic<int>& calls) : calls_(calls) {}

  Result<std::vector<WaitingEvent>> next(OutboxLimits /*limits*/) override { return away<WaitingEvent>(); }
  Result<std::size_t> fan_out(std::span<const FannedOut> /*events*/, ServerTime /*now*/) override {
    return fail(Errc::unavailable, "away");
  }
  Result<std::vector<LeasedLine>> due(ServerTime /*now*/, ServerTime /*until*/, OutboxLimits /*limits*/) override {
    return away<LeasedLine>();
  }
  Result<void> settle(std::span<const SettledLine> /*lines*/) override { return fail(Errc::unavailable, "away"); }
  Result<OutboxLevels> levels() override { return fail(Errc::unavailable, "away"); }

 private:
  template <class Thing>
  Result<std::vector<Thing>> away() {
    ++calls_;
    return fail(Errc::unavailable, "away");
  }

  std::atomic<int>& calls_;
};

TEST(NotifyRole, AloneIsNotReadyWhileItsOutboxFails) {
  SetClock clock;
  ClockAlarm alarm(clock);
  std::atomic<int> calls = 0;
  NotifyRole alone({std::make_unique<LostOutbox>(calls), open_channel({}).value()}, clock, alarm, Failing::is_trouble);
  EXPECT_EQ(Lack::nothing, alone.trouble().lack);
  ASSERT_TRUE(alone.start());
  while (alone.trouble().lack == Lack::nothing) std::this_thread::yield();
  EXPECT_EQ(Lack::store, alone.trouble().lack);
  EXPECT_NE(std::string::npos, alone.trouble().why.find("away")) << alone.trouble().why;
  alone.refuse();
  alone.drain();
}

TEST(NotifyRole, BesideOthersLeavesTheProcessReadyWhileItsOutboxFails) {
  SetClock clock;
  ClockAlarm alarm(clock);
  std::atomic<int> calls = 0;
  NotifyRole role({std::make_unique<LostOutbox>(calls), open_channel({}).value()}, clock, alarm, Failing::is_logged);
  ASSERT_TRUE(role.start());
  while (calls == 0) std::this_thread::yield();
  role.refuse();
  role.drain();
  EXPECT_EQ(Lack::nothing, role.trouble().lack);
}

}  // namespace
}  // namespace packwalk
