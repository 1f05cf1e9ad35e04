#include "app/analysis/run_analysis.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <new>
#include <set>
#include <stdexcept>

namespace packwalk {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr ServerTime start = server_time(1'770'000'000'000'000);

/// What is stale, and no packets. Each turn takes its time.
class ListStore final : public AnalysisStore {
 public:
  std::map<DeviceNumber, std::set<DeviceTime>> stale;
  std::map<DeviceNumber, milliseconds> cost;
  milliseconds passed{0};
  std::vector<std::pair<milliseconds, DeviceNumber>> turns;
  std::set<DeviceNumber> locked_by_others;
  RulesInUse known_rules;
  std::set<DeviceNumber> poisoned;   // their analysis throws
  std::set<StaleWindow> unreadable;  // so does that of these windows, when their packets are read
  std::vector<SetAside> apart;
  std::set<StaleWindow> waiting;
  std::optional<Error> broken;
  Seconds fixed{0, -1};                  // in each of which a fix is
  Second zigzag_from = 0;                // from then on every other one is elsewhere: all but the ends are outliers
  std::size_t fixes_read = 0;            // of those
  std::optional<Error> without_columns;  // what a snapshot is read from fails so, and all else does not

  Result<std::vector<DeviceNumber>> devices_stale_since(DeviceTime since, std::int64_t after,
                                                        std::size_t limit) override {
    if (broken) return Failure(*broken);
    std::vector<DeviceNumber> devices;
    for (auto next = stale.upper_bound(DeviceNumber{after}); next != stale.end() && devices.size() < limit; ++next) {
      const auto& [device, windows] = *next;
      const auto newest = std::find_if(windows.rbegin(), windows.rend(), is_not_waiting(device));
      if (newest != windows.rend() && *newest >= since) devices.push_back(device);
    }
    return devices;
  }
  Result<std::optional<DeviceNumber>> next_device_stale_before(DeviceTime until, std::int64_t after) override {
    for (const auto& [device, windows] : stale) {
      if (device.value <= after) continue;
      const auto oldest = std::find_if(windows.begin(), windows.end(), is_not_waiting(device));
      if (oldest != windows.end() && *oldest < until) return std::optional(device);
    }
    return std::optional<DeviceNumber>();
  }
  Result<std::int64_t> count_stale_windows() override {
    std::int64_t count = 0;
    for (const auto& [device, windows] : stale) count += static_cast<std::int64_t>(windows.size());
    return count;
  }
  Result<void> set_aside(const SetAside& window) override {
    std::erase_if(apart, [&](const SetAside& each) { return each.window == window.window; });
    apart.push_back(window);
    waiting.insert(window.window);
    return {};
  }
  Result<std::vector<SetAside>> windows_set_aside(std::size_t) override { return apart; }
  Result<std::int64_t> count_set_aside() override { return static_cast<std::int64_t>(apart.size()); }
  Result<std::int64_t> count_failures(const StaleWindow& window) override {
    for (const SetAside& each : apart) {
      if (each.window == window) return each.failures;
    }
    return 0;
  }
  Result<void> retry_set_aside(ServerTime now) override {
    for (const SetAside& each : apart) {
      if (each.retry_at <= now) waiting.erase(each.window);
    }
    return {};
  }
  Result<RulesInUse> rules() override { return known_rules; }
  Result<void> put_rules(const RulesInUse& rules) override {
    known_rules = rules;
    return {};
  }
  Result<std::optional<DeviceNumber>> next_device(std::int64_t after) override {
    const auto next = stale.upper_bound(DeviceNumber{after});
    return next == stale.end() ? std::optional<DeviceNumber>() : next->first;
  }
  Result<void> mark_all_stale(DeviceNumber device) override {
    stale[device].insert(std::chrono::floor<seconds>(start));
    return {};
  }
  Result<bool> lock(DeviceNumber device) override {
    if (poisoned.contains(device)) throw std::bad_alloc();
    return !locked_by_others.contains(device);
  }
  void release(DeviceNumber) override {}
  Result<std::unique_ptr<AnalysisSnapshot>> snapshot() override { return std::make_unique<Snapshot>(*this); }
  Result<std::optional<AnalysisVersion>> put_places(DeviceNumber, AnalysisVersion version,
                                                    const RowChanges<PlaceCell>&) override {
    return std::optional(version + 1);
  }
  Result<bool> finish(const Analysis& analysis) override {
    for (const ReadWindow& each : analysis.windows) {
      stale[analysis.device].erase(each.window.from);
      std::erase_if(apart, [&](const SetAside& failed) { return failed.window == each.window; });
    }
    turns.emplace_back(passed, analysis.device);
    passed += cost[analysis.device];
    return true;
  }

 private:
  std::function<bool(DeviceTime)> is_not_waiting(DeviceNumber device) const {
    return [this, device](DeviceTime from) { return !waiting.contains({device, from}); };
  }

  class Snapshot final : public AnalysisSnapshot {
   public:
    explicit Snapshot(ListStore& store) : store_(store) {}
    Result<std::vector<StaleWindow>> stale_windows(DeviceNumber device, WindowOrder order, std::size_t limit) override {
      std::vector<StaleWindow> windows;
      for (const DeviceTime from : store_.stale.at(device)) {
        if (store_.is_not_waiting(device)(from)) windows.push_back({device, from});
      }
      if (order == WindowOrder::newest_first) std::reverse(windows.begin(), windows.end());
      windows.resize(std::min(windows.size(), limit));
      return windows;
    }
    Result<std::int64_t> packets(DeviceNumber) override { return 0; }
    Result<std::vector<AnalysedDevice>> devices(std::span<const DeviceNumber> numbers) override {
      std::vector<AnalysedDevice> devices;
      for (const DeviceNumber number : numbers) devices.push_back({.number = number, .id = {}, .version = 1});
      return devices;
    }
    Result<std::vector<PathFix>> fixes(DeviceNumber device, Seconds range, std::size_t limit) override {
      if (store_.without_columns) return Failure(*store_.without_columns);
      for (const StaleWindow& window : store_.unreadable) {
        // Those of the turn, without what analysis reads about them.
        const Seconds taken{range.from + 3090, range.to - 2190};
        const Second at = seconds_since_1970(window.from);
        if (window.device == device && taken.from <= at && at <= taken.to) {
          throw std::runtime_error("no place on earth");
        }
      }
      return fixes_in(range, limit);
    }
    Result<std::vector<Sample>> samples(DeviceNumber, Seconds, std::size_t) override { return std::vector<Sample>(); }
    Result<std::vector<DeviceTime>> sleeps(DeviceNumber, Seconds, std::size_t) override {
      return std::vector<DeviceTime>();
    }
    Result<std::vector<TrackState>> track_states(DeviceNumber, Seconds, std::size_t) override {
      return std::vector<TrackState>();
    }
    Result<std::optional<TrackState>> last_track_state(DeviceNumber, Second) override {
      return std::optional<TrackState>();
    }
    Result<std::vector<OfPair<ChainState>>> chain_states(DeviceNumber, Seconds) override {
      return std::vector<OfPair<ChainState>>();
    }
    Result<std::optional<ChainState>> last_chain_state(DeviceNumber, DeviceNumber, Second) override {
      return std::optional<ChainState>();
    }
    Result<std::vector<Track>> tracks(DeviceNumber, Seconds) override { return std::vector<Track>(); }
    Result<std::vector<ActivitySum>> activity(DeviceNumber, Seconds) override { return std::vector<ActivitySum>(); }
    Result<std::vector<OfPair<Contact>>> contacts(DeviceNumber, Seconds) override {
      return std::vector<OfPair<Contact>>();
    }
    Result<std::vector<OfPair<JointWalk>>> joint_walks(DeviceNumber, Seconds) override {
      return std::vector<OfPair<JointWalk>>();
    }
    Result<std::vector<PlaceCell>> places(DeviceNumber, Second, Second) override { return std::vector<PlaceCell>(); }
    Result<std::vector<std::pair<DeviceNumber, Second>>> devices_at(std::span<const PlaceCell>) override {
      return std::vector<std::pair<DeviceNumber, Second>>();
    }

   private:
    std::vector<PathFix> fixes_in(Seconds range, std::size_t limit) {
      std::vector<PathFix> fixes;
      const Seconds all = store_.fixed;
      for (Second at = std::max(range.from, all.from); at <= std::min(range.to, all.to) && fixes.size() < limit; ++at) {
        fixes.push_back({LatLon::from_degrees(at >= store_.zigzag_from && at % 2 != 0 ? 48.75 : 48.7, 44.5).value(),
                         {},
                         device_time(at)});
      }
      store_.fixes_read += fixes.size();
      return fixes;
    }

    ListStore& store_;
  };
};

class RunAnalysisTest : public testing::Test {
 protected:
  DeviceTime window_ago(seconds ago) const {
    return std::chrono::floor<std::chrono::duration<std::int64_t, std::ratio<900>>>(now() - ago);
  }
  ServerTime now() const { return start + store.passed; }

  /// Steps until so much time has passed; before each, `meanwhile` happens.
  void run_for(
      milliseconds time, const std::function<void()>& meanwhile = [] {}) {
    for (const milliseconds end = store.passed + time; store.passed < end;) {
      meanwhile();
      store.passed += run.step(now());
    }
  }
  /// The longest that passed between two turns of a device.
  milliseconds longest_pause(DeviceNumber device) const {
    milliseconds longest{0};
    std::optional<milliseconds> before;
    for (const auto& [at, whose] : store.turns) {
      if (whose != device) continue;
      if (before) longest = std::max(longest, at - *before);
      before = at;
    }
    return before ? longest : milliseconds::max();
  }

  ListStore store;
  RunAnalysis run{store, AnalysisRules(),
                  [this] { return std::chrono::steady_clock::time_point(store.passed + milliseconds(1)); }};
};

TEST_F(RunAnalysisTest, RefreshesLiveWalksWithinSecondsBesideAFloodOfOldUploads) {
  for (int device = 1; device <= 120; ++device)
    store.cost[DeviceNumber{device}] = milliseconds(device <= 100 ? 5 : 700);
  run_for(seconds(60), [&] {
    for (int device = 1; device <= 100; ++device) store.stale[DeviceNumber{device}].insert(window_ago(seconds(0)));
    for (int device = 101; device <= 120; ++device)
      store.stale[DeviceNumber{device}].insert(window_ago(seconds(30'000)));
  });
  for (int device = 1; device <= 100; ++device) {
    EXPECT_GE(seconds(5), longest_pause(DeviceNumber{device})) << device;
  }
  for (int device = 101; device <= 120; ++device) EXPECT_GE(seconds(40), longest_pause(DeviceNumber{device})) << device;
}

TEST_F(RunAnalysisTest, LetsOldUploadsGoOnBesideAFloodOfLiveWalks) {
  for (int device = 1; device <= 1001; ++device) store.cost[DeviceNumber{device}] = milliseconds(20);
  run_for(seconds(60), [&] {
    for (int device = 1; device <= 1000; ++device) store.stale[DeviceNumber{device}].insert(window_ago(seconds(0)));
    store.stale[DeviceNumber{1001}].insert(window_ago(seconds(30'000)));
  });
  EXPECT_GE(seconds(2), longest_pause(DeviceNumber{1001}));
}

TEST_F(RunAnalysisTest, TakesOldWindowsInPiecesAndAllDevicesInTurn) {
  for (int device = 1; device <= 3; ++device) {
    store.cost[DeviceNumber{device}] = milliseconds(10);
    for (int i = 0; i < 200; ++i) store.stale[DeviceNumber{device}].insert(window_ago(seconds(1'000'000 - 900 * i)));
  }
  run_for(seconds(1));
  std::vector<std::int64_t> order;
  for (const auto& [at, device] : store.turns) order.push_back(device.value);
  EXPECT_EQ((std::vector<std::int64_t>{1, 2, 3, 1, 2, 3, 1, 2, 3}), order);
  EXPECT_EQ(0, store.count_stale_windows().value());
  EXPECT_EQ(600, run.levels().windows);
}

TEST_F(RunAnalysisTest, LeavesADeviceToWhoeverLockedIt) {
  store.stale[DeviceNumber{1}].insert(window_ago(seconds(30'000)));
  store.stale[DeviceNumber{2}].insert(window_ago(seconds(30'000)));
  store.locked_by_others.insert(DeviceNumber{1});
  run_for(seconds(3));
  ASSERT_EQ(1U, store.turns.size());
  EXPECT_EQ(DeviceNumber{2}, store.turns.front().second);
  store.locked_by_others.clear();
  run_for(seconds(3));
  EXPECT_EQ(2U, store.turns.size());
}

TEST_F(RunAnalysisTest, MakesAllAnewWhenTheRulesAreOthers) {
  store.stale[DeviceNumber{1}];
  store.stale[DeviceNumber{2}];
  run_for(seconds(1));
  EXPECT_TRUE(store.turns.empty()) << "a new store has no rules";
  const RulesInUse ours{text_of(AnalysisRules()), std::nullopt};
  EXPECT_EQ(ours, store.known_rules);
  store.known_rules = {"others", std::nullopt};
  RunAnalysis again(store, AnalysisRules());
  for (int i = 0; i < 9; ++i) again.step(start);
  EXPECT_EQ(2U, store.turns.size());
  EXPECT_EQ(ours, store.known_rules);
  store.known_rules.marked_until = 1;  // who marked them died at it
  RunAnalysis next(store, AnalysisRules());
  for (int i = 0; i < 9; ++i) next.step(start);
  EXPECT_EQ(3U, store.turns.size());
}

TEST_F(RunAnalysisTest, ReachesEveryLiveDeviceOfMany) {
  constexpr int many = 1500;
  for (int device = 1; device <= many; ++device) store.cost[DeviceNumber{device}] = milliseconds(10);
  run_for(seconds(20), [&] {
    for (int device = 1; device <= many; ++device) store.stale[DeviceNumber{device}].insert(window_ago(seconds(0)));
  });
  std::set<DeviceNumber> reached;
  for (const auto& [at, device] : store.turns) reached.insert(device);
  EXPECT_EQ(static_cast<std::size_t>(many), reached.size());
}

TEST_F(RunAnalysisTest, GoesOnBesideADeviceThatCannotBeAnalysed) {
  store.stale[DeviceNumber{1}].insert(window_ago(seconds(0)));
  store.stale[DeviceNumber{2}].insert(window_ago(seconds(30'000)));
  store.poisoned.insert(DeviceNumber{1});
  run_for(seconds(10));
  ASSERT_EQ(1U, store.turns.size());
  EXPECT_EQ(DeviceNumber{2}, store.turns.front().second);
  EXPECT_EQ(1, run.levels().failures);
}

TEST_F(RunAnalysisTest, SetsAsideTheOneWindowThatFailsAndAnalysesAllOthersOfItsDeviceAtOnce) {
  std::set<DeviceTime> all;
  for (int i = 0; i < 60; ++i) all.insert(window_ago(seconds(500'000 - 900 * i)));
  store.stale[DeviceNumber{1}] = all;
  store.stale[DeviceNumber{2}] = all;
  const StaleWindow failing{DeviceNumber{1}, window_ago(seconds(500'000 - 900 * 17))};
  store.unreadable.insert(failing);
  for (const DeviceNumber device : {DeviceNumber{1}, DeviceNumber{2}}) store.cost[device] = milliseconds(10);
  run_for(seconds(2));
  EXPECT_EQ((std::set<DeviceTime>{failing.from}), store.stale[DeviceNumber{1}]) << "it stays stale";
  EXPECT_TRUE(store.stale[DeviceNumber{2}].empty());
  ASSERT_EQ(1U, store.apart.size());
  EXPECT_EQ(failing, store.apart.front().window);
  EXPECT_EQ("no place on earth", store.apart.front().reason);
  EXPECT_EQ("", run.levels().trouble) << "the store is well";
}

TEST_F(RunAnalysisTest, TriesAWindowThatWasSetAsideAgainEachTimeAfterTwiceAsLong) {
  const StaleWindow failing{DeviceNumber{1}, window_ago(seconds(500'000))};
  store.stale[DeviceNumber{1}].insert(failing.from);
  store.unreadable.insert(failing);
  run_for(std::chrono::minutes(16));
  ASSERT_EQ(1U, store.apart.size());
  EXPECT_EQ(5, store.apart.front().failures) << "after 0, 1, 3, 7 and 15 minutes";
  EXPECT_EQ(1, run.levels().set_aside);
  store.unreadable.clear();
  run_for(std::chrono::minutes(17));
  EXPECT_TRUE(store.stale[DeviceNumber{1}].empty());
  EXPECT_TRUE(store.apart.empty());
  run_for(seconds(11));
  EXPECT_EQ(0, run.levels().set_aside);
}

TEST_F(RunAnalysisTest, GoesOnWhenTheClockIsSetBack) {
  store.stale[DeviceNumber{1}];
  for (int i = 0; i < 3; ++i) run.step(now() + std::chrono::hours(24));
  store.stale[DeviceNumber{1}].insert(window_ago(seconds(0)));
  run_for(seconds(3));
  EXPECT_EQ(1U, store.turns.size());
}

TEST_F(RunAnalysisTest, ReadsNoMoreOfOutliersThanItsWindowNeeds) {
  const DeviceTime window = window_ago(seconds(500'000));
  store.stale[DeviceNumber{1}].insert(window);
  store.zigzag_from = seconds_since_1970(window) + 5000;
  store.fixed = {seconds_since_1970(window), store.zigzag_from + 300'000};
  RunAnalysis in_small_pages(store, AnalysisRules(), std::chrono::steady_clock::now, {.page = 50});
  for (int i = 0; i < 9; ++i) in_small_pages.step(start);
  EXPECT_EQ(1, in_small_pages.levels().windows);
  EXPECT_LT(5'000U, store.fixes_read);
  EXPECT_GT(30'000U, store.fixes_read);
}

TEST_F(RunAnalysisTest, SetsNothingAsideForAStoreThatIsNotWhatItExpects) {
  for (int device = 1; device <= 3; ++device) {
    for (int i = 0; i < 3; ++i) store.stale[DeviceNumber{device}].insert(window_ago(seconds(900 * i)));
  }
  store.without_columns = Error{Errc::broken, "column least_m does not exist"};
  run_for(std::chrono::minutes(10));
  EXPECT_TRUE(store.apart.empty());
  EXPECT_TRUE(store.turns.empty());
  EXPECT_EQ("column least_m does not exist", run.levels().trouble) << "which /readyz and the log tell";
  store.without_columns.reset();
  run_for(std::chrono::minutes(2));
  EXPECT_EQ(0, store.count_stale_windows().value());
  EXPECT_EQ("", run.levels().trouble);
}

TEST_F(RunAnalysisTest, SaysWhatIsWrongAndGoesOnWhenItNoLongerIs) {
  store.stale[DeviceNumber{1}].insert(window_ago(seconds(0)));
  store.broken = Error{Errc::unavailable, "the database is away"};
  run_for(seconds(3));
  EXPECT_EQ("the database is away", run.levels().trouble);
  EXPECT_LT(0, run.levels().failures);
  store.broken.reset();
  run_for(seconds(3));
  EXPECT_EQ("", run.levels().trouble);
  EXPECT_EQ(1U, store.turns.size());
}

}  // namespace
}  // namespace packwalk
