// What every Outbox must do.
#include "ports/outbox.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/support/claims.h"
#include "tests/support/stores.h"

namespace packwalk {
namespace {

constexpr DeviceNumber rex{1};
constexpr DeviceNumber bob{2};
constexpr SubscriptionNumber webhook{1};
constexpr SubscriptionNumber phone{2};
constexpr ServerTime now = server_time(1'770'000'000'000'000);
constexpr ServerTime leased_until = now + std::chrono::minutes(1);

class OutboxContract : public testing::TestWithParam<StoreAdapter> {
 protected:
  static StatusChange change(DeviceNumber device, int second) {
    return {device, device_time(second), static_cast<std::uint8_t>(second % 2),
            static_cast<std::uint8_t>(1 - second % 2), now - std::chrono::hours(1) + std::chrono::seconds(second)};
  }
  /// Changes of status at the seconds 0 .. count - 1.
  void write(DeviceNumber device, int count) {
    std::vector<StatusChange> changes;
    for (int second = 0; second < count; ++second) changes.push_back(change(device, second));
    commit(*ingest, [&](IngestTransaction& transaction) { EXPECT_TRUE(announce(transaction, changes)); });
  }
  static std::vector<FannedOut> to(std::vector<SubscriptionNumber> subscriptions,
                                   const std::vector<WaitingEvent>& events) {
    std::vector<FannedOut> fanned_out;
    for (const WaitingEvent& each : events) fanned_out.push_back({each, subscriptions});
    return fanned_out;
  }
  /// Writes events and fans all of them out.
  void queue(DeviceNumber device, int count, const std::vector<SubscriptionNumber>& subscriptions = {webhook}) {
    write(device, count);
    for (auto events = outbox->next(large).value(); !events.empty(); events = outbox->next(large).value()) {
      EXPECT_EQ(events.size(), outbox->fan_out(to(subscriptions, events), now).value());
    }
  }
  std::vector<LeasedLine> due(ServerTime at = now, OutboxLimits limits = large) {
    return outbox->due(at, at + std::chrono::minutes(1), limits).value();
  }
  static std::vector<std::int64_t> seconds_of(const std::vector<WaitingEvent>& events, DeviceNumber device) {
    std::vector<std::int64_t> seconds;
    for (const WaitingEvent& each : events) {
      if (each.device == device) seconds.push_back(seconds_since_1970(time_of(*each.event)));
    }
    return seconds;
  }
  static std::vector<std::int64_t> seconds_of(const LeasedLine& line) {
    std::vector<std::int64_t> seconds;
    for (const Notification& each : line.notifications) seconds.push_back(seconds_since_1970(time_of(*each.event)));
    return seconds;
  }
  /// As a worker leaves it that has delivered the first `done` of its notifications.
  static SettledLine settled(const LeasedLine& leased, std::size_t done, ServerTime due_at = now) {
    SettledLine line{.line = leased.line, .lease = leased.lease, .due_at = due_at};
    if (done > 0) line.done_until = leased.notifications[done - 1].event_id;
    return line;
  }

  static constexpr OutboxLimits large{.lines_max = 100, .of_each_max = 100};

  std::unique_ptr<Installation> installation = GetParam().install();
  std::unique_ptr<IngestStore> ingest = installation->ingest_store();
  std::unique_ptr<Outbox> outbox = installation->outbox();
  std::unique_ptr<Outbox> other_worker = installation->outbox();
};

TEST_P(OutboxContract, IsEmptyAtFirst) {
  EXPECT_TRUE(outbox->next(large).value().empty());
  EXPECT_TRUE(due().empty());
  const OutboxLevels levels = outbox->levels().value();
  EXPECT_EQ(0, levels.events + levels.notifications);
  EXPECT_EQ(std::nullopt, levels.oldest);
}

TEST_P(OutboxContract, ReturnsTheEventsOfADeviceInTheirOrder) {
  write(rex, 3);
  const auto events = outbox->next(large).value();
  ASSERT_EQ(3U, events.size());
  for (int second = 0; second < 3; ++second) {
    const WaitingEvent& event = events[static_cast<std::size_t>(second)];
    EXPECT_EQ(rex, event.device);
    EXPECT_EQ(Event(change(rex, second)), event.event);
    EXPECT_EQ(change(rex, second).received_at, event.caused_at);
  }
  EXPECT_LT(events[0].id, events[1].id);
  EXPECT_EQ(3, outbox->levels().value().events);
  EXPECT_EQ(change(rex, 0).received_at, outbox->levels().value().oldest);
}

TEST_P(OutboxContract, WritesAnEventOnlyOncePerKey) {
  write(rex, 2);
  write(rex, 3);
  write(bob, 1);
  EXPECT_EQ((std::vector<std::int64_t>{0, 1, 2}), seconds_of(outbox->next(large).value(), rex));
}

TEST_P(OutboxContract, LetsNoDeviceHoldUpOthers) {
  write(rex, 50);
  write(bob, 2);
  write(DeviceNumber{3}, 1);
  constexpr OutboxLimits small{.lines_max = 2, .of_each_max = 3};
  const auto first = outbox->next(small).value();
  EXPECT_EQ((std::vector<std::int64_t>{0, 1, 2}), seconds_of(first, rex));
  EXPECT_EQ((std::vector<std::int64_t>{0, 1}), seconds_of(first, bob));
  EXPECT_EQ(5U, first.size());
  const auto second = outbox->next(small).value();
  EXPECT_EQ((std::vector<std::int64_t>{0}), seconds_of(second, DeviceNumber{3})) << "the next devices in turn";
  EXPECT_EQ(1U, second.size());
  EXPECT_EQ(3U, seconds_of(outbox->next(small).value(), rex).size()) << "and then the first ones again";
}

TEST_P(OutboxContract, MakesANotificationPerSubscription) {
  queue(rex, 2, {webhook, phone});
  EXPECT_TRUE(outbox->next(large).value().empty());
  EXPECT_EQ(4, outbox->levels().value().notifications);
  const auto lines = due();
  ASSERT_EQ(2U, lines.size());
  EXPECT_EQ((Line{rex, webhook}), lines[0].line);
  EXPECT_EQ((Line{rex, phone}), lines[1].line);
  for (const LeasedLine& line : lines) {
    EXPECT_EQ((std::vector<std::int64_t>{0, 1}), seconds_of(line));
    EXPECT_EQ(Attempts{}, line.attempts);
  }
}

TEST_P(OutboxContract, TellsTheIdOfADeviceThatTheRegistryKnows) {
  const NewDevice device{DeviceId::from_text("rex").value(), hash_of_token("rex")};
  ASSERT_TRUE(installation->device_registry()->add({&device, 1}, now));
  const DeviceNumber number = installation->device_eraser()->find(device.id).value();
  queue(number, 1);
  queue(DeviceNumber{number.value + 1}, 1);
  const auto lines = due();
  ASSERT_EQ(2U, lines.size());
  EXPECT_EQ("rex", lines[0].notifications[0].device_id);
  EXPECT_EQ("", lines[1].notifications[0].device_id);
}

TEST_P(OutboxContract, DropsEventsWithoutSubscriptions) {
  queue(rex, 2, {});
  EXPECT_TRUE(outbox->next(large).value().empty());
  EXPECT_TRUE(due().empty());
}

TEST_P(OutboxContract, FansOutAnEventOnceWhoeverGotIt) {
  write(rex, 2);
  const auto events = outbox->next(large).value();
  const auto same = other_worker->next(large).value();
  EXPECT_EQ(2U, outbox->fan_out(to({webhook}, events), now).value());
  const auto lines = due();
  ASSERT_TRUE(outbox->settle(std::array{settled(lines.at(0), 2)}));
  EXPECT_EQ(0U, other_worker->fan_out(to({webhook}, same), now).value());
  EXPECT_EQ(0, outbox->levels().value().notifications) << "what is delivered stays so";
}

TEST_P(OutboxContract, LeasesALineToOneWorkerAtATime) {
  queue(rex, 1);
  ASSERT_EQ(1U, due().size());
  EXPECT_TRUE(other_worker->due(now, leased_until, large).value().empty());
  EXPECT_TRUE(other_worker->due(leased_until - std::chrono::microseconds(1), leased_until, large).value().empty());
  EXPECT_EQ(1U, other_worker->due(leased_until, leased_until + std::chrono::minutes(1), large).value().size())
      << "the first worker is taken for dead";
}

TEST_P(OutboxContract, LeavesALineToTheWorkerThatTookItOver) {
  queue(rex, 2);
  const LeasedLine late = due().at(0);
  const LeasedLine taken_over = due(leased_until).at(0);
  ASSERT_TRUE(outbox->settle(std::array{settled(late, 2)}));
  EXPECT_EQ(2, outbox->levels().value().notifications);
  EXPECT_TRUE(due(leased_until).empty()) << "the lease of the other still counts";
  ASSERT_TRUE(other_worker->settle(std::array{settled(taken_over, 2)}));
  EXPECT_EQ(0, outbox->levels().value().notifications);
}

TEST_P(OutboxContract, ContinuesALineBehindWhatIsDone) {
  queue(rex, 5);
  const LeasedLine line = due(now, {.lines_max = 9, .of_each_max = 2}).at(0);
  EXPECT_EQ((std::vector<std::int64_t>{0, 1}), seconds_of(line));
  ASSERT_TRUE(outbox->settle(std::array{settled(line, 2)}));
  EXPECT_EQ((std::vector<std::int64_t>{2, 3, 4}), seconds_of(due().at(0)));
}

TEST_P(OutboxContract, KeepsTheAttemptsOfTheHeadUntilItIsDone) {
  queue(rex, 3);
  LeasedLine line = due().at(0);
  const Attempts two{.count = 2, .first_at = now - std::chrono::seconds(5)};
  SettledLine failed = settled(line, 1, now + std::chrono::seconds(10));
  failed.head = line.notifications[1].event_id;
  failed.attempts = two;
  ASSERT_TRUE(outbox->settle(std::array{failed}));
  EXPECT_TRUE(due(now + std::chrono::seconds(9)).empty()) << "it waits for its time";
  line = due(now + std::chrono::seconds(10)).at(0);
  EXPECT_EQ(two, line.attempts);
  EXPECT_EQ((std::vector<std::int64_t>{1, 2}), seconds_of(line));
  SettledLine passed = settled(line, 1);
  passed.attempts = two;  // of the one that is done
  passed.head = line.notifications[0].event_id;
  ASSERT_TRUE(outbox->settle(std::array{passed}));
  EXPECT_EQ(Attempts{}, due().at(0).attempts);
}

TEST_P(OutboxContract, LeasesTheLongestDueFirst) {
  queue(rex, 2);
  queue(bob, 2);
  constexpr OutboxLimits one_line{.lines_max = 1, .of_each_max = 1};
  const LeasedLine first = due(now, one_line).at(0);
  ASSERT_TRUE(outbox->settle(std::array{settled(first, 1, now + std::chrono::seconds(1))}));
  EXPECT_NE(first.line, due(now + std::chrono::seconds(1), one_line).at(0).line);
}

TEST_P(OutboxContract, ReturnsTheLongestDueLineFirst) {
  queue(rex, 1);
  queue(bob, 1);
  for (const LeasedLine& line : due()) {
    const ServerTime due_at = now + std::chrono::seconds(line.line.device == rex ? 2 : 1);
    ASSERT_TRUE(outbox->settle(std::array{settled(line, 0, due_at)}));
  }
  const auto lines = due(now + std::chrono::seconds(5));
  ASSERT_EQ(2U, lines.size());
  EXPECT_EQ(bob, lines[0].line.device);
  EXPECT_EQ(now + std::chrono::seconds(1), lines[0].due_at);
}

TEST_P(OutboxContract, LeasesALineWhoseTimeOnlyAWrongClockCanHaveWritten) {
  queue(rex, 1);
  ASSERT_TRUE(outbox->settle(std::array{settled(due().at(0), 0, now + Outbox::wait_max)}));
  EXPECT_TRUE(due().empty());
  EXPECT_EQ(1U, due(now - std::chrono::microseconds(1)).size());
}

TEST_P(OutboxContract, LeavesOutADeviceThatIsBeingErased) {
  const auto eraser = installation->device_eraser();
  queue(rex, 1);
  queue(bob, 1);
  ASSERT_TRUE(eraser->begin(rex, now));
  const auto lines = due(now, {.lines_max = 1, .of_each_max = 1});  // the erased one has been due as long
  ASSERT_EQ(1U, lines.size());
  EXPECT_EQ(bob, lines[0].line.device);
}

TEST_P(OutboxContract, WakesALineThatHadNothingLeft) {
  queue(rex, 1);
  ASSERT_TRUE(outbox->settle(std::array{settled(due().at(0), 1)}));
  EXPECT_TRUE(due(now + std::chrono::hours(1)).empty()) << "nothing waits in it";
  const StatusChange later = change(rex, 7);
  commit(*ingest, [&](IngestTransaction& transaction) { EXPECT_TRUE(announce(transaction, {&later, 1})); });
  ASSERT_TRUE(outbox->fan_out(to({webhook}, outbox->next(large).value()), now));
  EXPECT_EQ((std::vector<std::int64_t>{7}), seconds_of(due().at(0)));
}

TEST_P(OutboxContract, DoesNotHastenALineThatWaits) {
  queue(rex, 1);
  ASSERT_TRUE(outbox->settle(std::array{settled(due().at(0), 0, now + std::chrono::hours(1))}));
  queue(rex, 2);
  EXPECT_TRUE(due(now + std::chrono::minutes(59)).empty());
  EXPECT_EQ(1U, due(now + std::chrono::hours(1)).size());
}

TEST_P(OutboxContract, EndsALineWhoseNotificationsTheKeeperRemoved) {
  queue(rex, 1);
  ASSERT_TRUE(installation->keeper()->keep(now + std::chrono::days(8), {}));
  const LeasedLine line = due().at(0);
  EXPECT_TRUE(line.notifications.empty());
  ASSERT_TRUE(outbox->settle(std::array{settled(line, 0)}));
  EXPECT_TRUE(due(now + std::chrono::hours(1)).empty());
}

TEST_P(OutboxContract, SharesManyLinesAmongWorkers) {
  for (std::int64_t device = 1; device <= 30; ++device) queue(DeviceNumber{device}, 1);
  constexpr OutboxLimits some{.lines_max = 7, .of_each_max = 1};
  std::map<Line, int> leased;
  for (int turn = 0; turn < 10; ++turn) {
    for (Outbox* worker : {outbox.get(), other_worker.get()}) {
      const auto lines = worker->due(now, leased_until, some).value();
      for (const LeasedLine& line : lines) ++leased[line.line];
    }
  }
  EXPECT_EQ(30U, leased.size());
  for (const auto& [line, times] : leased) EXPECT_EQ(1, times);
}

INSTANTIATE_TEST_SUITE_P(Adapters, OutboxContract, testing::ValuesIn(store_adapters()), name_of_adapter);

}  // namespace
}  // namespace packwalk
