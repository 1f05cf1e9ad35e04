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

TEST(NotifyRole, IsNotReadyOnceItsOutboxHasFailedForAWhile) {
  SetClock clock;
  ClockAlarm alarm(clock);
  std::atomic<int> calls = 0;
  NotifyRole role({std::make_unique<LostOutbox>(calls), open_channel({}).value()}, clock, alarm);
  ASSERT_TRUE(role.start());
  while (calls == 0) std::this_thread::yield();
  EXPECT_EQ(Lack::nothing, role.trouble().lack);
  while (role.trouble().lack == Lack::nothing) {
    clock.advance(std::chrono::seconds(11));
    std::this_thread::yield();
  }
  EXPECT_EQ(Lack::store, role.trouble().lack);
  EXPECT_NE(std::string::npos, role.trouble().why.find("away")) << role.trouble().why;
  role.refuse();
  role.drain();
}

}  // namespace
}  // namespace packwalk
