// What every AnalysisStore must do.
#include "ports/analysis_store.h"

#include <gtest/gtest.h>

#include <array>
#include <future>
#include <latch>
#include <set>

#include "tests/support/claims.h"
#include "tests/support/stores.h"

namespace packwalk {
namespace {

constexpr DeviceNumber one{1};
constexpr DeviceNumber two{2};
constexpr DeviceNumber three{3};
constexpr std::int64_t day = 86'400;

StaleWindow window(DeviceNumber device, std::int64_t number) { return {device, device_time(900 * number)}; }

Track track(std::int64_t from, std::int64_t to) {
  return {.from = device_time(from),
          .to = device_time(to),
          .fixes = 7,
          .length_m = 12.25,
          .moving = std::chrono::seconds(9),
          .box = GeoBox::from_degrees(179.5, -1, -179.5, 2).value()};
}
OfPair<Contact> contact(DeviceNumber a, DeviceNumber b, Second from, Second to) { return {a, b, {from, to, 3}}; }
OfPair<JointWalk> joint_walk(DeviceNumber a, DeviceNumber b, Second from, Second to) {
  return {a, b,
          JointWalk{.from = from,
                    .to = to,
                    .seconds_together = 700,
                    .near_seconds = 650,
                    .contacts = 2,
                    .min_distance_m = 0.5,
                    .mean_distance_m = 3.25,
                    .length_a_m = 1000.125,
                    .length_b_m = 900,
                    .start_position = LatLon::from_degrees(48.7, 44.5).value(),
                    .end_position = LatLon::from_degrees(-90, 180).value()}};
}

class AnalysisStoreContract : public testing::TestWithParam<StoreAdapter> {
 protected:
  void mark(std::vector<StaleWindow> windows) {
    commit(*ingest, [&](IngestTransaction& transaction) { EXPECT_TRUE(transaction.mark_stale(windows)); });
  }
  /// Fixes and samples of device 1, counted in its state.
  void add(const std::vector<std::int64_t>& fix_times, const std::vector<std::int64_t>& sample_times) {
    commit(*ingest, [&](IngestTransaction& transaction) {
      for (const std::int64_t time : fix_times) EXPECT_TRUE(claim_one(transaction, fix_claim(1, time)).won);
      for (const std::int64_t time : sample_times) EXPECT_TRUE(claim_one(transaction, sample_claim(1, time)).won);
      auto state = transaction.states({&one, 1}).value().front();
      state.counts.fixes += static_cast<std::int64_t>(fix_times.size());
      state.counts.samples += static_cast<std::int64_t>(sample_times.size());
      EXPECT_TRUE(transaction.put({&state, 1}));
    });
  }
  /// A device that was analysed once.
  AnalysisVersion introduce(DeviceNumber device) {
    EXPECT_TRUE(store->snapshot());
    return store->put_places(device, 0, {}).value().value();
  }
  Analysis analysis_of(DeviceNumber device, AnalysisVersion version) {
    return {.device = device,
            .versions = {{device, version}},
            .packets = 0,
            .windows = {},
            .tracks = {},
            .activity = {},
            .contacts = {},
            .walks = {},
            .track_states = {},
            .chain_states = {},
            .marked = {}};
  }

  std::unique_ptr<Installation> installation = GetParam().install();
  std::unique_ptr<IngestStore> ingest = installation->ingest_store();
  std::unique_ptr<AnalysisStore> store = installation->analysis_store();
};

TEST_P(AnalysisStoreContract, TellsWhatIsStale) {
  mark({window(one, 5), window(one, 6), window(one, 9), window(two, 1), window(three, 7)});
  EXPECT_EQ(5, store->count_stale_windows().value());
  const auto since = [&](std::int64_t number, std::int64_t after, std::size_t limit) {
    return store->devices_stale_since(device_time(900 * number), after, limit).value();
  };
  EXPECT_EQ((std::vector{one, two, three}), since(0, 0, 9));
  EXPECT_EQ((std::vector{one, three}), since(6, 0, 9));
  EXPECT_EQ((std::vector{one}), since(6, 0, 1));
  EXPECT_EQ((std::vector{three}), since(6, 1, 9));
  const auto next = [&](std::int64_t until, std::int64_t after) {
    return store->next_device_stale_before(device_time(900 * until), after).value();
  };
  EXPECT_EQ(one, next(6, 0));
  EXPECT_EQ(two, next(6, 1));
  EXPECT_EQ(std::nullopt, next(6, 2));
  EXPECT_EQ(three, next(8, 2));
  const auto snapshot = store->snapshot().value();
  EXPECT_EQ((std::vector{window(one, 5), window(one, 6)}),
            snapshot->stale_windows(one, WindowOrder::oldest_first, 2).value());
  EXPECT_EQ((std::vector{window(one, 9), window(one, 6)}),
            snapshot->stale_windows(one, WindowOrder::newest_first, 2).value());
}

TEST_P(AnalysisStoreContract, ReadsFixesAndSamplesWithBothEnds) {
  add({100, 200, 300}, {150, 250});
  const auto snapshot = store->snapshot().value();
  EXPECT_EQ(5, snapshot->packets(one).value());
  EXPECT_EQ(0, snapshot->packets(two).value());
  EXPECT_EQ(2U, snapshot->fixes(one, {100, 200}).value().size());
  EXPECT_EQ(1U, snapshot->samples(one, {151, 250}).value().size());
  EXPECT_EQ(device_time(100), snapshot->fixes(one, always, 1).value().at(0).timestamp);
  EXPECT_EQ(1U, snapshot->samples(one, always, 1).value().size());
  EXPECT_EQ(device_time(250), snapshot->samples(one, {151, 250}).value().front().timestamp);
}

TEST_P(AnalysisStoreContract, SeesOneMomentInASnapshot) {
  add({100}, {});
  const auto snapshot = store->snapshot().value();
  EXPECT_EQ(1U, snapshot->fixes(one, always).value().size());
  add({200}, {});
  EXPECT_EQ(1U, snapshot->fixes(one, always).value().size());
}

TEST_P(AnalysisStoreContract, KeepsWhatAnAnalysisFound) {
  Analysis analysis = analysis_of(one, introduce(one));
  analysis.tracks.put = {track(100, 200), track(300, 400)};
  analysis.activity.put = {{{device_time(0), Activity::walk, true}, 60, 80},
                           {{device_time(900), Activity::sleep, false}, 600, 0}};
  analysis.contacts.put = {contact(two, one, 110, 190), contact(one, three, 100, 900)};
  analysis.walks.put = {joint_walk(two, one, 110, 190), joint_walk(one, three, 100, 900)};
  ASSERT_TRUE(store->finish(analysis).value());
  {
    const auto snapshot = store->snapshot().value();
    EXPECT_EQ(analysis.tracks.put, snapshot->tracks(one, always).value());
    EXPECT_EQ(analysis.activity.put, snapshot->activity(one, always).value());
    EXPECT_EQ((std::vector{analysis.contacts.put[1], analysis.contacts.put[0]}),
              snapshot->contacts(one, always).value());
    EXPECT_EQ((std::vector{analysis.walks.put[0]}), snapshot->joint_walks(two, always).value());
    EXPECT_TRUE(snapshot->tracks(two, always).value().empty());
  }
  Analysis again = analysis_of(one, analysis.versions.front().second + 1);
  again.tracks.gone = {track(100, 200)};
  again.tracks.put = {track(300, 450)};
  again.contacts.gone = {contact(one, three, 100, 900)};
  again.walks.gone = {joint_walk(one, three, 100, 900)};
  again.activity.gone = {analysis.activity.put[0]};
  ASSERT_TRUE(store->finish(again).value());
  const auto snapshot = store->snapshot().value();
  EXPECT_EQ((std::vector{track(300, 450)}), snapshot->tracks(one, always).value());
  EXPECT_EQ((std::vector{analysis.activity.put[1]}), snapshot->activity(one, always).value());
  EXPECT_TRUE(snapshot->contacts(three, always).value().empty());
  EXPECT_EQ((std::vector{analysis.walks.put[0]}), snapshot->joint_walks(one, always).value());
}

TEST_P(AnalysisStoreContract, FindsWhatHasASecondOfARangeHoweverLongItIs) {
  Analysis analysis = analysis_of(one, introduce(one));
  analysis.contacts.put = {contact(one, two, 10 * day, 10 * day + 5), contact(one, two, 11 * day, 15 * day),
                           contact(three, one, 12 * day, 13 * day - 1), contact(three, one, 13 * day, 14 * day)};
  analysis.tracks.put = {track(10 * day, 12 * day), track(12 * day + 1, 12 * day + 2), track(20 * day, 21 * day)};
  ASSERT_TRUE(store->finish(analysis).value());
  const auto snapshot = store->snapshot().value();
  const auto found = [&](Second from, Second to) {
    std::set<Second> begins;
    const auto contacts = snapshot->contacts(one, {from, to}).value();
    for (const auto& each : contacts) begins.insert(each.of.from);
    EXPECT_EQ(begins.size(), contacts.size()) << "each once";
    return begins;
  };
  EXPECT_EQ((std::set<Second>{10 * day}), found(0, 11 * day - 1));
  EXPECT_EQ((std::set<Second>{10 * day, 11 * day}), found(10 * day + 5, 11 * day));
  EXPECT_EQ((std::set<Second>{11 * day, 12 * day}), found(13 * day - 1, 13 * day - 1));
  EXPECT_EQ((std::set<Second>{11 * day, 13 * day}), found(14 * day, 14 * day + 1));
  EXPECT_EQ((std::set<Second>{11 * day}), found(15 * day, 99 * day));
  EXPECT_EQ((std::set<Second>{}), found(15 * day + 1, 99 * day));
  const auto tracks = [&](Second from, Second to) { return snapshot->tracks(one, {from, to}).value().size(); };
  EXPECT_EQ(1U, tracks(0, 10 * day));
  EXPECT_EQ(2U, tracks(12 * day, 12 * day + 1));
  EXPECT_EQ(0U, tracks(13 * day, 20 * day - 1));
  EXPECT_EQ(1U, tracks(21 * day, 22 * day));
}

TEST_P(AnalysisStoreContract, ClearsOnlyWindowsWhosePacketsWereAllRead) {
  add({1000, 1900}, {1950});
  mark({window(one, 1), window(one, 2), window(one, 3)});
  Analysis analysis = analysis_of(one, introduce(one));
  analysis.packets = 3;
  analysis.windows = {{window(one, 1), 1}, {window(one, 2), 2}};
  add({1960}, {});  // since it was read
  mark({window(one, 2)});
  ASSERT_TRUE(store->finish(analysis).value());
  EXPECT_EQ((std::vector{window(one, 2), window(one, 3)}),
            store->snapshot().value()->stale_windows(one, WindowOrder::oldest_first, 9).value());
  analysis.versions.front().second += 1;
  analysis.packets = 4;
  analysis.windows = {{window(one, 2), 3}};
  ASSERT_TRUE(store->finish(analysis).value());
  EXPECT_EQ(1, store->count_stale_windows().value());
}

TEST_P(AnalysisStoreContract, WritesNothingOverWhatOthersFoundMeanwhile) {
  const AnalysisVersion of_one = introduce(one);
  const AnalysisVersion of_two = introduce(two);
  mark({window(one, 1)});
  const auto another = installation->analysis_store();
  EXPECT_TRUE(another->snapshot());
  ASSERT_TRUE(another->finish(analysis_of(two, of_two)).value());
  Analysis analysis = analysis_of(one, of_one);
  analysis.versions.emplace_back(two, of_two);
  analysis.windows = {{window(one, 1), 0}};
  analysis.tracks.put = {track(100, 200)};
  EXPECT_FALSE(store->finish(analysis).value());
  EXPECT_TRUE(store->snapshot().value()->tracks(one, always).value().empty());
  EXPECT_EQ(1, store->count_stale_windows().value());
  EXPECT_EQ(std::nullopt, store->put_places(two, of_two, {}).value());
  const auto devices = store->snapshot().value()->devices(std::array{two, three}).value();
  EXPECT_EQ(of_two + 1, devices[0].version);
  EXPECT_EQ(0, devices[1].version);
  analysis.versions.back().second = of_two + 1;
  EXPECT_TRUE(store->finish(analysis).value());
}

/// Two dogs' rows of their pair, made from the same snapshot: only who comes first may write them.
TEST_P(AnalysisStoreContract, LetsOneOfTwoFinishThatReadEachOther) {
  std::array<std::unique_ptr<AnalysisStore>, 2> stores{installation->analysis_store(), installation->analysis_store()};
  std::array<AnalysisVersion, 2> versions{introduce(one), introduce(two)};
  for (const auto& each : stores) EXPECT_TRUE(each->snapshot());
  for (int round = 0; round < 50; ++round) {
    std::latch start(2);
    const auto finish = [&](std::size_t i) {
      Analysis analysis = analysis_of(i == 0 ? one : two, 0);
      analysis.versions = {{one, versions[0]}, {two, versions[1]}};
      analysis.contacts.put = {contact(one, two, 100, 200)};
      start.arrive_and_wait();
      return stores[i]->finish(analysis).value();
    };
    auto second = std::async(std::launch::async, finish, 1);
    const bool first = finish(0);
    ASSERT_NE(first, second.get()) << "in round " << round;
    ++versions[first ? 0 : 1];
  }
}

TEST_P(AnalysisStoreContract, TellsWhoWasWhere) {
  const auto put = [&](DeviceNumber device, AnalysisVersion version, const RowChanges<PlaceCell>& changes) {
    return store->put_places(device, version, changes).value();
  };
  EXPECT_TRUE(store->snapshot());
  EXPECT_EQ(1, put(one, 0, {.gone = {}, .put = {{5, 70}, {5, 71}, {6, 70}}}));
  EXPECT_EQ(1, put(two, 0, {.gone = {}, .put = {{5, 70}}}));
  EXPECT_EQ(2, put(one, 1, {.gone = {{6, 70}}, .put = {{7, 70}}}));
  const auto snapshot = store->snapshot().value();
  EXPECT_EQ((std::vector<PlaceCell>{{5, 70}, {5, 71}, {7, 70}}), snapshot->places(one, 0, 9).value());
  EXPECT_EQ((std::vector<PlaceCell>{{7, 70}}), snapshot->places(one, 6, 7).value());
  using Found = std::vector<std::pair<DeviceNumber, Second>>;
  EXPECT_EQ((Found{{one, 5}, {one, 7}, {two, 5}}),
            snapshot->devices_at(std::array<PlaceCell, 4>{{{4, 70}, {5, 70}, {5, 71}, {7, 70}}}).value());
  EXPECT_EQ(Found(), snapshot->devices_at(std::array<PlaceCell, 1>{{{6, 70}}}).value());
}

TEST_P(AnalysisStoreContract, MarksAllThatADeviceHasWhenTheRulesAreOthers) {
  EXPECT_EQ(RulesInUse(), store->rules().value());
  ASSERT_TRUE(store->put_rules({"near=6", 17}));
  EXPECT_EQ((RulesInUse{"near=6", 17}), store->rules().value());
  ASSERT_TRUE(store->put_rules({"near=7", std::nullopt}));
  EXPECT_EQ((RulesInUse{"near=7", std::nullopt}), store->rules().value());
  add({1000, 1001, 2700}, {-1, 899});
  mark({window(one, 3)});
  EXPECT_EQ(one, store->next_device(0).value());
  EXPECT_EQ(std::nullopt, store->next_device(1).value());
  ASSERT_TRUE(store->mark_all_stale(one));
  EXPECT_EQ((std::vector{window(one, -1), window(one, 0), window(one, 1), window(one, 3)}),
            store->snapshot().value()->stale_windows(one, WindowOrder::oldest_first, 9).value());
}

TEST_P(AnalysisStoreContract, WritesNothingByOtherRulesThanThoseInUse) {
  Analysis analysis = analysis_of(one, introduce(one));
  mark({window(one, 1)});
  analysis.windows = {{window(one, 1), 0}};
  ASSERT_TRUE(installation->analysis_store()->put_rules({"near=7", 0}));
  const auto finished = store->finish(analysis);
  ASSERT_FALSE(finished);
  EXPECT_EQ(Errc::conflict, finished.error().code);
  EXPECT_EQ(1, store->count_stale_windows().value());
  analysis.rules = "near=7";
  EXPECT_TRUE(store->finish(analysis).value());
}

TEST_P(AnalysisStoreContract, KeepsTheStatesOfFoldsBitByBit) {
  const AnalysisVersion version = introduce(one);
  TrackState state{.from = device_time(-5), .to = device_time(100), .fixes = 3};
  state.odometer = {.anchor = {1.0 / 3, -0.1, 6e6},
                    .anchor_accuracy_m = 5e-300,
                    .anchored_at = device_time(90),
                    .is_started = true,
                    .length_m = 0.1 + 0.2,
                    .moving = std::chrono::seconds(7)};
  state.south = -89.999999999999;
  state.turns = -2;
  TrackState later = state;
  later.to = device_time(200);
  ChainState chain{
      .from = -7, .to = 150, .last = {-7, 150, 99}, .contacts = 2, .seconds_before = 1, .near_seconds = 99};
  chain.sum_m = 1e9 / 7;
  chain.b = {.start = {1, 2, 3}, .end = {4, 5, 1.0 / 9}, .away = 17, .odometer = state.odometer};
  Analysis analysis = analysis_of(one, version);
  analysis.track_states.put = {state, later};
  analysis.chain_states.put = {{two, one, chain}, {one, three, chain}};
  ASSERT_TRUE(store->finish(analysis).value());
  {
    const auto snapshot = store->snapshot().value();
    EXPECT_EQ((std::vector{state, later}), snapshot->track_states(one, {100, 200}, 9).value());
    EXPECT_EQ((std::vector{state}), snapshot->track_states(one, {0, 200}, 1).value());
    EXPECT_EQ((std::vector{later}), snapshot->track_states(one, {101, 900}, 9).value());
    EXPECT_EQ(state, snapshot->last_track_state(one, 200).value());
    EXPECT_EQ(std::nullopt, snapshot->last_track_state(one, 100).value());
    EXPECT_EQ(std::nullopt, snapshot->last_track_state(two, 900).value());
    EXPECT_EQ((std::vector<OfPair<ChainState>>{{one, three, chain}, {two, one, chain}}),
              snapshot->chain_states(one, {150, 150}).value());
    EXPECT_EQ((std::vector<OfPair<ChainState>>{{two, one, chain}}), snapshot->chain_states(two, always).value());
    EXPECT_EQ(chain, snapshot->last_chain_state(two, one, 151).value());
    EXPECT_EQ(std::nullopt, snapshot->last_chain_state(two, one, 150).value());
    EXPECT_EQ(std::nullopt, snapshot->last_chain_state(one, two, 151).value());
  }
  analysis = analysis_of(one, version + 1);
  analysis.track_states = {.gone = {state}, .put = {}};
  analysis.chain_states = {.gone = {{two, one, chain}}, .put = {}};
  ASSERT_TRUE(store->finish(analysis).value());
  const auto snapshot = store->snapshot().value();
  EXPECT_EQ((std::vector{later}), snapshot->track_states(one, always, 9).value());
  EXPECT_EQ((std::vector<OfPair<ChainState>>{{one, three, chain}}), snapshot->chain_states(one, always).value());
}

TEST_P(AnalysisStoreContract, MarksWhereAnAnalysisIsToGoOnAsItClearsWhatItDid) {
  add({1000}, {});
  mark({window(one, 1)});
  Analysis analysis = analysis_of(one, introduce(one));
  analysis.packets = 1;
  analysis.windows = {{window(one, 1), 1}};
  analysis.marked = {window(one, 7)};
  ASSERT_TRUE(store->finish(analysis).value());
  EXPECT_EQ((std::vector{window(one, 7)}),
            store->snapshot().value()->stale_windows(one, WindowOrder::oldest_first, 9).value());
}

TEST_P(AnalysisStoreContract, LeavesOutWhatIsSetAsideUntilItsTimeAlsoAfterARestart) {
  add({1000}, {});
  mark({window(one, 1), window(one, 2), window(two, 1)});
  EXPECT_EQ(0, store->count_failures(window(one, 1)).value());
  const SetAside failed{window(one, 1), 3, server_time(500), "the row is \"torn\""};
  ASSERT_TRUE(store->set_aside(failed));
  ASSERT_TRUE(store->set_aside({window(one, 9), 1, server_time(500), "it is not stale"}));
  store = installation->analysis_store();
  EXPECT_EQ((std::vector{failed}), store->windows_set_aside(9).value());
  EXPECT_EQ(1, store->count_set_aside().value());
  EXPECT_EQ(3, store->count_failures(window(one, 1)).value());
  EXPECT_EQ(3, store->count_stale_windows().value()) << "it is still marked";
  const auto stale = [&](WindowOrder order) { return store->snapshot().value()->stale_windows(one, order, 9).value(); };
  EXPECT_EQ((std::vector{window(one, 2)}), stale(WindowOrder::oldest_first));
  EXPECT_EQ((std::vector{window(one, 2)}), stale(WindowOrder::newest_first));
  EXPECT_EQ(two, store->next_device_stale_before(device_time(1800), 0).value());
  ASSERT_TRUE(store->retry_set_aside(server_time(499)));
  EXPECT_EQ((std::vector{window(one, 2)}), stale(WindowOrder::oldest_first));
  ASSERT_TRUE(store->retry_set_aside(server_time(500) - std::chrono::hours(25)));
  EXPECT_EQ((std::vector{window(one, 2)}), stale(WindowOrder::oldest_first));
  ASSERT_TRUE(store->retry_set_aside(server_time(500)));
  EXPECT_EQ((std::vector{window(one, 1), window(one, 2)}), stale(WindowOrder::oldest_first));
  EXPECT_EQ(one, store->next_device_stale_before(device_time(1800), 0).value());
  EXPECT_EQ(3, store->count_failures(window(one, 1)).value()) << "remembered until it is analysed";
  Analysis analysis = analysis_of(one, introduce(one));
  analysis.packets = 1;
  analysis.windows = {{window(one, 1), 1}};
  ASSERT_TRUE(store->finish(analysis).value());
  EXPECT_EQ(0, store->count_set_aside().value());
}

TEST_P(AnalysisStoreContract, RetriesWhatAWrongClockHasSetAsideForYears) {
  add({1000}, {});
  mark({window(one, 1)});
  const ServerTime now = server_time(500);
  ASSERT_TRUE(store->set_aside({window(one, 1), 1, now + std::chrono::hours(25) + std::chrono::microseconds(1), ""}));
  ASSERT_TRUE(store->retry_set_aside(now));
  EXPECT_EQ((std::vector{window(one, 1)}),
            store->snapshot().value()->stale_windows(one, WindowOrder::oldest_first, 9).value());
}

TEST_P(AnalysisStoreContract, WaitsForIngestThatHasMarkedAWindowBeforeItClearsIt) {
  add({1000}, {});
  mark({window(one, 1)});
  Analysis analysis = analysis_of(one, introduce(one));
  analysis.packets = 1;
  analysis.windows = {{window(one, 1), 1}};
  std::future<Result<bool>> finished;
  commit(*ingest, [&](IngestTransaction& transaction) {
    EXPECT_TRUE(claim_one(transaction, fix_claim(1, 1001)).won);
    auto state = transaction.states({&one, 1}).value().front();
    ++state.counts.fixes;
    EXPECT_TRUE(transaction.put({&state, 1}));
    EXPECT_TRUE(transaction.mark_stale(std::array{window(one, 1)}));
    finished = std::async(std::launch::async, [&] { return store->finish(analysis); });
    EXPECT_EQ(std::future_status::timeout, finished.wait_for(std::chrono::milliseconds(200)));
  });
  EXPECT_TRUE(finished.get().value());
  EXPECT_EQ(1, store->count_stale_windows().value()) << "the packet that came meanwhile was not read";
}

TEST_P(AnalysisStoreContract, GivesALockBackWhenItIsReleasedOrItsOwnerIsGone) {
  EXPECT_TRUE(store->lock(one).value());
  auto other = installation->analysis_store();
  EXPECT_TRUE(other->lock(two).value());
  const bool many_programs = GetParam().name == "postgres";
  EXPECT_EQ(!many_programs, other->lock(one).value());
  store->release(one);
  EXPECT_TRUE(other->lock(one).value());
  other.reset();
  bool locked = false;
  for (int i = 0; i < 1000 && !locked; ++i) locked = store->lock(one).value();  // its server learns it a little later
  EXPECT_TRUE(locked);
}

INSTANTIATE_TEST_SUITE_P(Adapters, AnalysisStoreContract, testing::ValuesIn(store_adapters()), name_of_adapter);

}  // namespace
}  // namespace packwalk
