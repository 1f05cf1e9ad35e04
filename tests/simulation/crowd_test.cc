// Hundreds of dogs in one park, and several who analyse them: each is in the way of others, and all get done.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "app/analysis/analyse_device.h"
#include "tests/simulation/troubled_store.h"
#include "tests/simulation/walkers.h"
#include "tests/support/stores.h"

namespace packwalk {
namespace {

/// Of a TroubledStore: two snapshots, and before and after all is written. Places are written the first time only.
constexpr int calls_an_attempt = 4;

/// Dogs that walk side by side, near all others that are some metres away; in the order of time.
std::vector<WalkerPacket> crowd(int dogs, int dogs_a_metre) {
  constexpr int fixes = 4;
  constexpr int step = 25;
  std::vector<Stretch> stretches;
  for (int at = 0; at < fixes * step; at += step) {
    for (int dog = 0; dog < dogs; ++dog) {
      stretches.push_back({.walker = dog,
                           .begin = 1'000'001'000 + at + dog % 7,
                           .step = step,
                           .fixes = 1,
                           .route = 1,
                           .aside_m = dog / dogs_a_metre,
                           .accuracy_m = 1,
                           .activity = Activity::sleep});
    }
  }
  return packets_of(stretches, LatLon::from_degrees(48.7, 44.5).value());
}

/// On a server, as only there several analyse.
class Crowd : public testing::TestWithParam<StoreAdapter> {
 protected:
  void gather(int dogs, int dogs_a_metre) {
    dogs_ = dogs;
    packets_ = crowd(dogs, dogs_a_metre);
    register_walkers(dogs, *installation_->device_registry());
    ASSERT_TRUE(new_store()->put_rules({text_of(rules_), std::nullopt}));
  }

  /// All packets, so many at once.
  void ingest(std::size_t batch) const {
    const auto store = installation_->ingest_store();
    for (std::size_t first = 0; first < packets_.size(); first += batch) {
      const auto some = std::span(packets_).subspan(first, std::min(batch, packets_.size() - first));
      ASSERT_TRUE(ingest_packets(some, first, *store));
    }
  }

  std::unique_ptr<AnalysisStore> new_store() const { return installation_->analysis_store(); }

  /// Of so many dogs all packets are ingested, and analysed by the store that it returns.
  std::unique_ptr<AnalysisStore> analysed_crowd(int dogs, int dogs_a_metre) {
    gather(dogs, dogs_a_metre);
    ingest(packets_.size());
    auto store = new_store();
    EXPECT_EQ("", analyse_all(*store));
    return store;
  }

  Result<std::optional<AnalysisReport>> analyse(int dog, AnalysisStore& store) const {
    return analyse_device({number_of_walker(dog)}, store, rules_);
  }

  /// Takes all dogs in turn until nothing is stale, nor will be any more. Returns the first error, but for those that
  /// say to try it again.
  std::string analyse_all(AnalysisStore& store, const std::atomic<bool>& is_all_there) const {
    while (!is_all_there || store.count_stale_windows().value_or(1) > 0) {
      for (int dog = 0; dog < dogs_; ++dog) {
        const auto report = analyse(dog, store);
        const bool is_late = !report && report.error().detail == "other processes analysed the same devices repeatedly";
        if (!report && !is_late) return report.error().detail;
      }
    }
    return "";
  }
  std::string analyse_all(AnalysisStore& store) const { return analyse_all(store, true); }

  void expect_rows_of_one_pass() const {
    const auto store = new_store();
    const DerivedRows expected = derived_at_once(fixes_in(*store, dogs_), samples_in(*store, dogs_), rules_);
    EXPECT_GT(expected.contacts.size(), 10 * static_cast<std::size_t>(dogs_));
    EXPECT_GT(expected.walks.size(), 10 * static_cast<std::size_t>(dogs_));
    EXPECT_TRUE(expected == derived_in(*store, dogs_));
  }

  /// As if somebody analysed the dog.
  void change_version(int dog, AnalysisStore& store) const {
    const DeviceNumber number = number_of_walker(dog);
    const AnalysisVersion version = store.snapshot().value()->devices({&number, 1}).value().front().version;
    EXPECT_TRUE(store.put_places(number, version, {}).value().has_value());
  }

  const AnalysisRules rules_ = short_rules();
  const std::unique_ptr<Installation> installation_ = GetParam().install();
  int dogs_ = 0;
  std::vector<WalkerPacket> packets_;
};

TEST_P(Crowd, IsAnalysedBySeveralAtOnceWhileItComes) {
  constexpr std::size_t analysts = 4;
  gather(200, 2);
  std::vector<std::string> errors(analysts);
  std::atomic<bool> is_all_there = false;
  std::vector<std::thread> threads;
  for (std::string& error : errors) {
    threads.emplace_back([&] { error = analyse_all(*new_store(), is_all_there); });
  }
  ingest(50);
  is_all_there = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::vector<std::string>(analysts), errors) << "nobody waits for one who waits for him";
  expect_rows_of_one_pass();
}

/// Whatever one analyst does, meanwhile another one is done with the next dog beside it.
TEST_P(Crowd, HoldsUpNobodyForMoreThanOneAttempt) {
  constexpr int held_up = 10;
  const auto other = analysed_crowd(60, 60);
  for (int dog = 0; dog < dogs_; ++dog) ASSERT_TRUE(other->mark_all_stale(number_of_walker(dog)));
  int next = 0;
  int done = 0;
  TroubledStore store(new_store(), DeviceLocks::asked, [&]() -> Result<void> {
    if (next == held_up) ++next;
    const auto report = analyse(next++, *other);
    if (report && *report) ++done;
    return {};
  });
  const auto report = analyse(held_up, store);
  ASSERT_TRUE(report && *report) << (report ? "left to others" : report.error().detail);
  EXPECT_EQ(2U, (*report)->attempts);
  EXPECT_EQ(calls_an_attempt, done) << "after an attempt that was lost, no dog beside it is left to others";
  ASSERT_EQ("", analyse_all(*other));
  expect_rows_of_one_pass();
}

/// One analyst loses an attempt to another one that still has a dog beside it in hand.
TEST_P(Crowd, LetsTheDogWithTheLowerNumberGoOn) {
  constexpr int dog = 10;
  const auto other = analysed_crowd(25, 25);
  const auto analyse_beside = [&](int neighbour) {
    EXPECT_TRUE(other->mark_all_stale(number_of_walker(dog)));
    EXPECT_TRUE(other->lock(number_of_walker(neighbour)).value());
    int calls = 0;
    TroubledStore store(new_store(), DeviceLocks::asked, [&]() -> Result<void> {
      if (++calls <= calls_an_attempt) change_version(neighbour, *other);
      return {};
    });
    const auto report = analyse(dog, store);
    other->release(number_of_walker(neighbour));
    for (int each = 0; each < dogs_; ++each) {
      EXPECT_TRUE(other->lock(number_of_walker(each)).value()) << "it has let go of all";
      other->release(number_of_walker(each));
    }
    return report.value();
  };
  EXPECT_FALSE(analyse_beside(3)) << "it leaves its dog to others, as the other one may want it";
  const auto report = analyse_beside(17);
  ASSERT_TRUE(report) << "the other one leaves its dog";
  EXPECT_EQ(2U, report->attempts);
  expect_rows_of_one_pass();
}

INSTANTIATE_TEST_SUITE_P(Adapters, Crowd, testing::ValuesIn(archived_store_adapters()), name_of_adapter);

}  // namespace
}  // namespace packwalk
