// How events reach their subscriptions, on every store.
#include "app/notify/run_notify.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <stdexcept>

#include "tests/support/claims.h"
#include "tests/support/stores.h"

namespace packwalk {
namespace {

using Outcome = DeliveryOutcome::Result;

constexpr DeviceNumber rex{1};
constexpr DeviceNumber bob{2};
constexpr ServerTime start = server_time(1'770'000'000'000'000);

/// A clock that stands still until it is moved.
class StillClock final : public Clock {
 public:
  ServerTime now() override { return time; }
  ServerTime stamp() override { return time; }

  ServerTime time = start;
};

/// Remembers what was sent, and answers what a test wants.
class ScriptedChannel final : public PushChannel {
 public:
  DeliveryOutcome send(const Event& event, const std::string&, ServerTime) override {
    DeliveryOutcome outcome = answer ? answer(event) : DeliveryOutcome{Outcome::delivered, ""};
    ++attempts[device_of(event)];
    if (outcome.result == Outcome::delivered) sent[device_of(event)].push_back(seconds_since_1970(time_of(event)));
    return outcome;
  }

  std::function<DeliveryOutcome(const Event&)> answer;
  std::map<DeviceNumber, int> attempts;
  std::map<DeviceNumber, std::vector<std::int64_t>> sent;
};

class RunNotifyContract : public testing::TestWithParam<StoreAdapter> {
 protected:
  static constexpr std::int64_t first_second = 1'769'999'000;

  /// Changes of status at seconds that follow one another.
  void write(DeviceNumber device, int count, std::int64_t first = first_second) {
    std::vector<StatusChange> changes;
    for (int i = 0; i < count; ++i) {
      changes.push_back({device, device_time(first + i), static_cast<std::uint8_t>(i % 2),
                         static_cast<std::uint8_t>(1 - i % 2), start});
    }
    commit(*ingest, [&](IngestTransaction& transaction) { EXPECT_TRUE(announce(transaction, changes)); });
  }
  RunNotify worker(Outbox& its_outbox, std::vector<Subscriber> subscribers) {
    return RunNotify(
        its_outbox, clock, std::move(subscribers), [this] { return random; },
        [this](const GivenUp& each) { given_up.push_back(each.reason); });
  }
  static void run(RunNotify& notify) {
    for (int turns = 0; notify.turn().value(); ++turns) ASSERT_LT(turns, 1000) << "it does not come to an end";
  }
  static DeliveryOutcome failed(const Event&) { return {Outcome::retry, "it fails"}; }

  std::unique_ptr<Installation> installation = GetParam().install();
  std::unique_ptr<IngestStore> ingest = installation->ingest_store();
  std::unique_ptr<Outbox> outbox = installation->outbox();
  StillClock clock;
  double random = 1;
  ScriptedChannel channel;
  ScriptedChannel phone;
  std::vector<std::string> given_up;
  RunNotify notify = worker(*outbox, {{SubscriptionNumber{1}, &channel}});
};

TEST_P(RunNotifyContract, SendsEachEventOnceAndInOrder) {
  EXPECT_FALSE(notify.turn().value()) << "there is nothing yet";
  write(rex, 50);
  write(bob, 1);
  run(notify);
  ASSERT_EQ(50U, channel.sent[rex].size());
  for (int i = 0; i < 50; ++i) EXPECT_EQ(first_second + i, channel.sent[rex][static_cast<std::size_t>(i)]);
  EXPECT_EQ(1U, channel.sent[bob].size());
  EXPECT_EQ(51, notify.levels().sent);
  EXPECT_EQ(0, notify.levels().failed);
}

TEST_P(RunNotifyContract, SendsToEverySubscriber) {
  RunNotify both = worker(*outbox, {{SubscriptionNumber{1}, &channel}, {SubscriptionNumber{2}, &phone}});
  write(rex, 2);
  run(both);
  EXPECT_EQ(2U, channel.sent[rex].size());
  EXPECT_EQ(channel.sent, phone.sent);
}

TEST_P(RunNotifyContract, LetsADeviceWithManyEventsDelayNoOther) {
  write(rex, 2000);
  write(bob, 1);
  ASSERT_TRUE(notify.turn().value());
  EXPECT_EQ(1U, channel.sent[bob].size()) << "in the very first turn";
  EXPECT_LE(channel.sent[rex].size(), 20U);
}

TEST_P(RunNotifyContract, LetsASlowReceiverStarveNoDevice) {
  channel.answer = [this](const Event&) {
    clock.time += std::chrono::seconds(1);
    return DeliveryOutcome{Outcome::delivered, ""};
  };
  write(rex, 100);
  for (std::int64_t device = 2; device <= 6; ++device) write(DeviceNumber{device}, 1);
  for (int turn = 0; turn < 3; ++turn) ASSERT_TRUE(notify.turn().value());
  for (std::int64_t device = 2; device <= 6; ++device) EXPECT_EQ(1U, channel.sent[DeviceNumber{device}].size());
}

TEST_P(RunNotifyContract, LetsAChannelThatFailsRestInLaterTurnsToo) {
  channel.answer = [](const Event&) { return DeliveryOutcome{Outcome::retry, "no answer", std::nullopt, true}; };
  for (std::int64_t device = 1; device <= 50; ++device) write(DeviceNumber{device}, 1);
  run(notify);
  const auto attempts = [this] { return notify.levels().failed; };
  EXPECT_EQ(1, attempts()) << "of 50 lines, in several turns";
  clock.time += RunNotify::first_pause;
  run(notify);
  EXPECT_EQ(2, attempts());
  clock.time += RunNotify::first_pause;
  run(notify);
  EXPECT_EQ(2, attempts()) << "the second rest is longer";
  clock.time += RunNotify::first_pause;
  channel.answer = nullptr;
  run(notify);
  EXPECT_EQ(50, notify.levels().sent);
}

TEST_P(RunNotifyContract, DropsAndGivesUpNothingWhileTheClockIsInDoubt) {
  channel.answer = failed;
  write(rex, 1);
  run(notify);
  write(bob, 1);
  clock.time += std::chrono::days(3);
  ASSERT_TRUE(notify.turn(ClockTrust::doubtful).value());
  EXPECT_EQ(1, channel.attempts[bob]);
  EXPECT_EQ(2, channel.attempts[rex]);
  EXPECT_EQ(0, notify.levels().too_old);
  EXPECT_TRUE(given_up.empty());
  channel.answer = nullptr;
  clock.time = start + RunNotify::first_pause;
  run(notify);
  EXPECT_EQ(2U, channel.sent.size()) << "after the correction";
}

TEST_P(RunNotifyContract, SendsNothingMoreAfterAStop) {
  channel.answer = [this](const Event&) {
    notify.stop();
    return DeliveryOutcome{Outcome::delivered, ""};
  };
  write(rex, 3);
  ASSERT_TRUE(notify.turn().value());
  EXPECT_EQ(1, channel.attempts[rex]);
  EXPECT_FALSE(notify.turn().value());
  RunNotify other = worker(*outbox, {{SubscriptionNumber{1}, &channel}});
  channel.answer = nullptr;
  run(other);
  EXPECT_EQ(3U, channel.sent[rex].size()) << "the next process continues at once, and repeats nothing";
}

TEST_P(RunNotifyContract, LetsALineThatFailsWaitAndOthersGoOn) {
  channel.answer = [](const Event& event) {
    return device_of(event) == rex ? failed(event) : DeliveryOutcome{Outcome::delivered, ""};
  };
  write(rex, 2);
  write(bob, 2);
  run(notify);
  EXPECT_EQ(2U, channel.sent[bob].size());
  EXPECT_EQ(1, channel.attempts[rex]) << "the second is not tried before the first";
  channel.answer = nullptr;
  clock.time += RunNotify::first_pause - std::chrono::microseconds(1);
  run(notify);
  EXPECT_TRUE(channel.sent[rex].empty());
  clock.time += std::chrono::microseconds(1);
  run(notify);
  EXPECT_EQ((std::vector<std::int64_t>{first_second, first_second + 1}), channel.sent[rex]);
}

TEST_P(RunNotifyContract, TellsWhyAttemptsFailAndWhenTheyAreRepeated) {
  channel.answer = [](const Event&) { return DeliveryOutcome{Outcome::retry, "no answer", std::nullopt, true}; };
  write(rex, 1);
  EXPECT_FALSE(notify.levels().failing);
  run(notify);
  ASSERT_TRUE(notify.levels().failing);
  EXPECT_EQ("no answer", notify.levels().failing->reason);
  EXPECT_EQ(start + RunNotify::first_pause, notify.levels().failing->repeated_at);
  EXPECT_EQ(1, notify.levels().repeated);
  clock.time += RunNotify::first_pause;
  channel.answer = [](const Event&) { return DeliveryOutcome{Outcome::retry, "it fails", std::chrono::seconds(900)}; };
  run(notify);
  EXPECT_EQ("it fails", notify.levels().failing->reason);
  EXPECT_EQ(clock.time + std::chrono::seconds(900), notify.levels().failing->repeated_at);
  EXPECT_EQ(2, notify.levels().repeated);
  clock.time += std::chrono::seconds(900);
  channel.answer = nullptr;
  run(notify);
  EXPECT_FALSE(notify.levels().failing);
}

TEST_P(RunNotifyContract, PausesGrowAndVary) {
  channel.answer = failed;
  write(rex, 1);
  std::vector<std::int64_t> pauses;
  for (const double each : {1.0, 0.0, 1.0, 1.0}) {
    random = each;
    const int before = channel.attempts[rex];
    const ServerTime since = clock.time;
    for (; channel.attempts[rex] == before; clock.time += std::chrono::milliseconds(500)) run(notify);
    clock.time -= std::chrono::milliseconds(500);
    pauses.push_back((clock.time - since) / std::chrono::milliseconds(500));
  }
  EXPECT_EQ((std::vector<std::int64_t>{0, 10, 10, 40}), pauses)
      << "halves of a second; the second was halved by chance";
}

TEST_P(RunNotifyContract, WaitsAsLongAsTheReceiverSays) {
  channel.answer = [](const Event&) {
    return DeliveryOutcome{Outcome::retry, "slow down", std::chrono::seconds(900), true};
  };
  write(rex, 1);
  run(notify);
  clock.time += std::chrono::seconds(899);
  run(notify);
  EXPECT_EQ(1, channel.attempts[rex]);
  clock.time += std::chrono::seconds(1);
  run(notify);
  EXPECT_EQ(2, channel.attempts[rex]);
}

TEST_P(RunNotifyContract, TriesAChannelThatFailsOnlyOnceATurn) {
  channel.answer = [](const Event&) { return DeliveryOutcome{Outcome::retry, "no answer", std::nullopt, true}; };
  RunNotify both = worker(*outbox, {{SubscriptionNumber{1}, &channel}, {SubscriptionNumber{2}, &phone}});
  write(rex, 1);
  write(bob, 1);
  run(both);
  EXPECT_EQ(1, channel.attempts[rex] + channel.attempts[bob]);
  EXPECT_EQ(2U, phone.sent.size()) << "another channel is not affected";
  channel.answer = nullptr;
  clock.time += RunNotify::first_pause;
  run(both);
  EXPECT_EQ(2U, channel.sent.size());
}

TEST_P(RunNotifyContract, GivesANotificationUpADayAfterItsFirstAttempt) {
  channel.answer = [](const Event& event) {
    const bool is_first = seconds_since_1970(time_of(event)) == first_second;
    return is_first ? failed(event) : DeliveryOutcome{Outcome::delivered, ""};
  };
  write(rex, 2);
  run(notify);
  for (; clock.time < start + RunNotify::retried_for; clock.time += std::chrono::minutes(30)) run(notify);
  EXPECT_TRUE(given_up.empty());
  EXPECT_TRUE(channel.sent[rex].empty());
  run(notify);
  EXPECT_EQ((std::vector<std::string>{"it fails"}), given_up);
  EXPECT_EQ((std::vector<std::int64_t>{first_second + 1}), channel.sent[rex]) << "the line goes on";
  EXPECT_EQ(1, notify.levels().dead);
  EXPECT_GT(notify.levels().failed, 20);
}

TEST_P(RunNotifyContract, GivesUpAtOnceWhatIsRefusedForGood) {
  channel.answer = [](const Event&) { return DeliveryOutcome{Outcome::refused, "it is gone"}; };
  write(rex, 2);
  run(notify);
  EXPECT_EQ((std::vector<std::string>{"it is gone", "it is gone"}), given_up);
  EXPECT_EQ(2, channel.attempts[rex]);
}

TEST_P(RunNotifyContract, GivesUpWhatASubscriptionThatEndedHasLeft) {
  channel.answer = failed;
  write(rex, 1);
  run(notify);
  RunNotify without = worker(*outbox, {{SubscriptionNumber{2}, &phone}});
  clock.time += std::chrono::minutes(1);
  run(without);
  EXPECT_EQ((std::vector<std::string>{"its subscription has ended"}), given_up);
}

TEST_P(RunNotifyContract, SendsNoEventThatWasOldWhenItsCauseCame) {
  const std::int64_t week_ago = seconds_since_1970(std::chrono::floor<std::chrono::seconds>(start)) - 7L * 86'400;
  write(rex, 2, week_ago - 1);
  run(notify);
  EXPECT_EQ((std::vector<std::int64_t>{week_ago}), channel.sent[rex]);
  EXPECT_EQ(1, notify.levels().too_old);
  EXPECT_TRUE(given_up.empty());
}

TEST_P(RunNotifyContract, SendsNoEventThatWaitedForMoreThanTwoDays) {
  write(rex, 1);
  clock.time = start + std::chrono::days(2);
  run(notify);
  EXPECT_EQ((std::vector<std::int64_t>{first_second}), channel.sent[rex]) << "after exactly two days";
  write(rex, 2, first_second + 10);
  write(bob, 1);
  clock.time += std::chrono::microseconds(1);
  run(notify);
  EXPECT_EQ((std::vector<std::int64_t>{first_second}), channel.sent[rex]);
  EXPECT_TRUE(channel.sent[bob].empty());
  EXPECT_EQ(3, notify.levels().too_old);
  const OutboxLevels left = outbox->levels().value();
  EXPECT_EQ(0, left.events + left.notifications);
  EXPECT_TRUE(given_up.empty());
}

TEST_P(RunNotifyContract, NeverSendsALineFromTwoWorkers) {
  const auto other_outbox = installation->outbox();
  RunNotify other = worker(*other_outbox, {{SubscriptionNumber{1}, &channel}});
  bool was_tried = false;
  channel.answer = [&](const Event&) {
    if (!was_tried) {
      was_tried = true;
      EXPECT_FALSE(other.turn().value()) << "the other finds nothing to do";
    }
    return DeliveryOutcome{Outcome::delivered, ""};
  };
  write(rex, 10);
  run(notify);
  EXPECT_TRUE(was_tried);
  EXPECT_EQ(10U, channel.sent[rex].size());
}

TEST_P(RunNotifyContract, TakesOverTheLinesOfAWorkerThatDied) {
  write(rex, 3);
  channel.answer = [](const Event&) -> DeliveryOutcome { throw std::runtime_error("it dies"); };
  EXPECT_THROW(static_cast<void>(notify.turn()), std::runtime_error);
  channel.answer = nullptr;
  const auto other_outbox = installation->outbox();
  RunNotify other = worker(*other_outbox, {{SubscriptionNumber{1}, &channel}});
  run(other);
  EXPECT_TRUE(channel.sent[rex].empty()) << "the lease still runs";
  clock.time += RunNotify::lease;
  run(other);
  EXPECT_EQ(3U, channel.sent[rex].size());
}

TEST_P(RunNotifyContract, BeginsNoAttemptWhenATurnHasLastedLong) {
  channel.answer = [this](const Event&) {
    clock.time += RunNotify::turn_max;
    return DeliveryOutcome{Outcome::delivered, ""};
  };
  write(rex, 3);
  ASSERT_TRUE(notify.turn().value());
  EXPECT_EQ(1, channel.attempts[rex]);
  run(notify);
  EXPECT_EQ(3U, channel.sent[rex].size());
}

TEST_P(RunNotifyContract, TellsWhatWaits) {
  channel.answer = failed;
  write(rex, 3);
  run(notify);
  clock.time += std::chrono::seconds(11);
  ASSERT_TRUE(notify.turn());
  EXPECT_EQ(3, notify.levels().waiting.notifications);
  EXPECT_EQ(0, notify.levels().waiting.events);
  EXPECT_EQ(start, notify.levels().waiting.oldest);
}

INSTANTIATE_TEST_SUITE_P(Adapters, RunNotifyContract, testing::ValuesIn(store_adapters()), name_of_adapter);

}  // namespace
}  // namespace packwalk
