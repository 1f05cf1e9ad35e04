// What every QueryStore must answer about tracks, activity and joint walks, and what is read from them. It is filled
// through the AnalysisStore of the same adapter.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>

#include "app/questions/find_pack_walks.h"
#include "app/questions/sum_activity.h"
#include "core/walk/pack_walk.h"
#include "tests/support/stores.h"

namespace packwalk {
namespace {

constexpr DeviceNumber rex{1};
constexpr DeviceNumber bob{2};
constexpr DeviceNumber ada{3};
constexpr Second day = 86400;

TimeRange range(std::int64_t from, std::int64_t until) { return {device_time(from), device_time(until)}; }
const TimeRange ever = range(std::numeric_limits<std::int32_t>::min(), 2'147'483'648);

Track track(std::int64_t from, std::int64_t to) {
  return {.from = device_time(from),
          .to = device_time(to),
          .fixes = from % 10 + 2,
          .length_m = 12.5 + static_cast<double>(from),
          .moving = std::chrono::seconds(to - from),
          .box = GeoBox::from_degrees(179.5, -16.75, -179.25, 16.5).value()};
}

ActivitySum sum(std::int64_t bucket, Activity activity, bool in_track, std::int64_t seconds) {
  return {{device_time(bucket), activity, in_track}, seconds, 2 * seconds};
}

OfPair<JointWalk> walk(DeviceNumber a, DeviceNumber b, Second from, Second to) {
  return {a, b,
          JointWalk{.from = from,
                    .to = to,
                    .seconds_together = to - from - 1,
                    .near_seconds = to - from - 2,
                    .contacts = 3,
                    .min_distance_m = 0.25,
                    .mean_distance_m = 3.5,
                    .length_a_m = 1000.5,
                    .length_b_m = 2000.5,
                    .start_position = LatLon::from_degrees(48.5, 44.25).value(),
                    .end_position = LatLon::from_degrees(-16.5, -179.75).value()}};
}

class DerivedRows {
 public:
  explicit DerivedRows(const Installation& installation) : store_(installation.analysis_store()) {}

  /// As what an analysis of `device` found.
  void put(DeviceNumber device, std::vector<Track> tracks, std::vector<ActivitySum> activity = {},
           std::vector<OfPair<JointWalk>> walks = {}) {
    const auto version = store_->put_places(device, versions_[device], {});
    ASSERT_TRUE(version && *version);
    const auto done = store_->finish({.device = device,
                                      .versions = {{device, **version}},
                                      .tracks = {{}, std::move(tracks)},
                                      .activity = {{}, std::move(activity)},
                                      .walks = {{}, std::move(walks)}});
    ASSERT_TRUE(done && *done);
    versions_[device] = **version + 1;
  }

 private:
  std::unique_ptr<AnalysisStore> store_;
  std::map<DeviceNumber, AnalysisVersion> versions_;
};

class DerivedQueries : public testing::TestWithParam<StoreAdapter> {
 protected:
  void put_walks(const std::vector<OfPair<JointWalk>>& walks) { rows.put(rex, {}, {}, walks); }

  std::unique_ptr<Installation> installation = GetParam().install();
  DerivedRows rows{*installation};
  std::unique_ptr<QueryStore> query = installation->query_store();
};

TEST_P(DerivedQueries, TracksThatHaveASecondOfTheRange) {
  const std::vector<Track> all = {track(100, 200), track(300, 300), track(400, 500), track(501, 2 * day)};
  rows.put(rex, all);
  rows.put(bob, {track(150, 450)});
  struct Case {
    const char* name;
    TimeRange range;
    std::size_t limit;
    std::vector<std::size_t> want;
  };
  const Case cases[] = {
      {"all", ever, 9, {0, 1, 2, 3}},
      {"the last second is of the track", range(200, 300), 9, {0}},
      {"and no more", range(201, 300), 9, {}},
      {"from is included", range(300, 301), 9, {1}},
      {"until is excluded", range(301, 400), 9, {}},
      {"one in the midst of a long one", range(day, day + 1), 9, {3}},
      {"limit keeps the oldest", range(150, 9999), 2, {0, 1}},
      {"limit 0", ever, 0, {}},
      {"empty range", range(150, 150), 9, {}},
      {"turned round", range(450, 150), 9, {}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    std::vector<Track> want;
    for (const std::size_t i : c.want) want.push_back(all[i]);
    EXPECT_EQ(want, query->tracks(rex, c.range, c.limit).value());
    auto backwards = query->tracks(rex, c.range, 9).value();
    std::reverse(backwards.begin(), backwards.end());
    backwards.resize(std::min(backwards.size(), c.limit));
    EXPECT_EQ(backwards, query->tracks(rex, c.range, {c.limit, TimeOrder::newest_first}).value());
  }
  EXPECT_TRUE(query->tracks(ada, ever, 9).value().empty());
}

TEST_P(DerivedQueries, ActivityOfBucketsThatBeginInTheRange) {
  const std::vector<ActivitySum> all = {sum(-900, Activity::sleep, false, 900), sum(0, Activity::walk, false, 100),
                                        sum(0, Activity::walk, true, 200), sum(0, Activity::trot, true, 300),
                                        sum(900, Activity::steps_not_measured, false, 5)};
  rows.put(rex, {}, all);
  rows.put(bob, {}, {sum(0, Activity::walk, true, 7)});
  EXPECT_EQ(all, query->activity(rex, ever).value());
  EXPECT_EQ((std::vector{all[1], all[2], all[3]}), query->activity(rex, range(0, 900)).value());
  EXPECT_EQ(std::vector{all[4]}, query->activity(rex, range(1, 901)).value());
  EXPECT_TRUE(query->activity(ada, ever).value().empty());
}

TEST_P(DerivedQueries, SumsOfPeriodsAreThoseOfTheirRows) {
  rows.put(rex, {track(100, 200), track(day - 1, day + 500), track(day + 600, day + 700)},
           {sum(0, Activity::walk, true, 60), sum(day - 900, Activity::walk, true, 30),
            sum(day, Activity::gallop, false, 10), sum(365 * day, Activity::walk, false, 5)});
  const auto zone = CivilZone::from_name("UTC").value();
  const auto periods = zone.periods(PeriodKind::day, device_time(0), device_time(366 * day), 400).value();
  const auto sums = sum_activity(*query, rex, periods).value();
  ASSERT_EQ(366U, sums.size());
  EXPECT_EQ(90, sums[0].in_track.at(Activity::walk).seconds);
  EXPECT_EQ(2, sums[0].tracks);
  EXPECT_EQ(12.5 + 100 + 12.5 + day - 1, sums[0].length_m);
  EXPECT_EQ(10, sums[1].off_track.at(Activity::gallop).seconds);
  EXPECT_EQ(1, sums[1].tracks);
  EXPECT_EQ(5, sums[365].active().seconds);
  EXPECT_TRUE(sum_activity(*query, rex, {}).value().empty());
}

TEST_P(DerivedQueries, JointWalksOfADeviceInTheOrderOfTime) {
  // Of a pair the first has the lower id, whatever the numbers.
  const auto late = walk(rex, bob, 5000, 6000);
  const auto early = walk(ada, rex, 1000, 2000);
  const auto same = walk(rex, DeviceNumber{4}, 1000, 3000);
  const auto other = walk(bob, ada, 1000, 2000);
  put_walks({late, early, same, other});
  using Walks = std::vector<OfPair<JointWalk>>;
  EXPECT_EQ((Walks{same, early, late}), query->joint_walks(rex, ever, {}, 9).value());
  EXPECT_EQ((Walks{other, late}), query->joint_walks(bob, ever, {}, 9).value());
  EXPECT_EQ((Walks{same, early}), query->joint_walks(rex, ever, {}, 2).value());
  EXPECT_EQ((Walks{early, late}), query->joint_walks(rex, ever, cursor_of(same), 9).value());
  EXPECT_EQ((Walks{same}), query->joint_walks(rex, range(2001, 5000), {}, 9).value());
  EXPECT_EQ((Walks{same, early}), query->joint_walks(rex, range(2000, 2001), {}, 9).value());
  EXPECT_TRUE(query->joint_walks(rex, ever, cursor_of(late), 9).value().empty());
  EXPECT_TRUE(query->joint_walks(rex, range(1500, 1500), {}, 9).value().empty());
  EXPECT_TRUE(query->joint_walks(DeviceNumber{9}, ever, {}, 9).value().empty());
}

TEST_P(DerivedQueries, JointWalksOfAPair) {
  const auto first = walk(bob, rex, 1000, 2000);
  const auto second = walk(bob, rex, 3000, 3000 + 2 * day);
  const auto third = walk(bob, rex, 4 * day, 4 * day + 700);
  put_walks({first, second, third, walk(ada, rex, 1500, 9999)});
  using Walks = std::vector<OfPair<JointWalk>>;
  EXPECT_EQ((Walks{first, second, third}), query->joint_walks_of_pair(bob, rex, ever, {}, 9).value());
  EXPECT_EQ((Walks{second, third}), query->joint_walks_of_pair(bob, rex, ever, cursor_of(first), 9).value());
  EXPECT_EQ((Walks{second}), query->joint_walks_of_pair(bob, rex, range(2 * day, 2 * day + 1), {}, 9).value());
  EXPECT_EQ((Walks{first}), query->joint_walks_of_pair(bob, rex, ever, {}, 1).value());
  const Paging newest{9, TimeOrder::newest_first};
  const WalkCursor last = first_walk_cursor(TimeOrder::newest_first);
  EXPECT_EQ((Walks{third, second, first}), query->joint_walks_of_pair(bob, rex, ever, last, newest).value());
  EXPECT_EQ((Walks{second, first}), query->joint_walks_of_pair(bob, rex, ever, cursor_of(third), newest).value());
  EXPECT_EQ((Walks{second}), query->joint_walks_of_pair(bob, rex, range(2001, 4 * day), last, newest).value());
  EXPECT_EQ((Walks{first}), query->joint_walks_of_pair(bob, rex, range(2000, 3000), last, newest).value());
  EXPECT_TRUE(query->joint_walks_of_pair(bob, rex, range(1500, 1500), {}, 9).value().empty());
  EXPECT_TRUE(query->joint_walks_of_pair(rex, bob, ever, {}, 9).value().empty());
}

TEST_P(DerivedQueries, CompanionsByTheTimeTogether) {
  const DeviceNumber leo{4};
  put_walks({walk(rex, bob, 1000, 2001), walk(ada, rex, 1000, 1801), walk(ada, rex, 5000, 6201),
             walk(rex, leo, 10 * day, 10 * day + 1001), walk(bob, ada, 0, 9000)});
  using Companions = std::vector<Companion>;
  const Companion with_ada{ada, 2, 2000, 1000, 6201};
  const Companion with_bob{bob, 1, 1000, 1000, 2001};
  const Companion with_leo{leo, 1, 1000, 10 * day, 10 * day + 1001};
  EXPECT_EQ((Companions{with_ada, with_bob, with_leo}), query->companions(rex, ever, {}, 9).value());
  EXPECT_EQ((Companions{with_ada, with_bob}), query->companions(rex, ever, {}, 2).value());
  EXPECT_EQ((Companions{with_leo}), query->companions(rex, ever, cursor_of(with_bob), 9).value());
  EXPECT_EQ((Companions{with_bob, {ada, 1, 800, 1000, 1801}}),
            query->companions(rex, range(1800, 5000), {}, 9).value());
  EXPECT_TRUE(query->companions(rex, range(1500, 1500), {}, 9).value().empty());
  EXPECT_TRUE(query->companions(DeviceNumber{9}, ever, {}, 9).value().empty());
}

/// Some dogs' joint walks, many of which touch, and some of which are longer than a day.
std::vector<OfPair<JointWalk>> any_walks() {
  std::vector<OfPair<JointWalk>> walks;
  std::set<std::pair<DeviceNumber, DeviceNumber>> pairs;
  const int count = *rc::gen::inRange(0, 12);
  for (int i = 0; i < count; ++i) {
    const DeviceNumber a{*rc::gen::inRange(1, 7)};
    const DeviceNumber b{*rc::gen::inRange(1, 7)};
    // Of a pair no two overlap, as analysis makes sure; so one walk each, or a second one long after.
    if (a == b || pairs.contains({b, a})) continue;
    const bool again = !pairs.insert({a, b}).second;
    if (again && std::count_if(walks.begin(), walks.end(), [&](const auto& w) { return w.a == a && w.b == b; }) > 1) {
      continue;
    }
    const Second from = *rc::gen::inRange(0, 50) * 1000 + (again ? 10 * day : 0);
    walks.push_back(walk(a, b, from, from + *rc::gen::element<Second>(600, 1000, 5000, day - 1, day, 3 * day)));
  }
  return walks;
}

TEST_P(DerivedQueries, PagesOfJointWalksHaveEachThatTouchesTheRangeOnce) {
  const auto rule = [&] {
    const auto fresh = GetParam().install();
    const auto walks = any_walks();
    DerivedRows(*fresh).put(rex, {}, {}, walks);
    const auto store = fresh->query_store();
    const Second from = *rc::gen::inRange<Second>(-1000, 12 * day);
    const TimeRange asked = range(from, from + *rc::gen::element<Second>(1, 5000, 2 * day));
    std::vector<OfPair<JointWalk>> want;
    for (const auto& each : walks) {
      const bool touches = each.of.to >= from && each.of.from < seconds_since_1970(asked.until);
      if (touches && (each.a == rex || each.b == rex)) want.push_back(each);
    }
    std::sort(want.begin(), want.end(), [](const auto& x, const auto& y) { return cursor_of(x) < cursor_of(y); });
    for (const TimeOrder order : {TimeOrder::oldest_first, TimeOrder::newest_first}) {
      std::vector<OfPair<JointWalk>> met;
      WalkCursor after = first_walk_cursor(order);
      for (auto page = store->joint_walks(rex, asked, after, {2, order}).value(); !page.empty();
           page = store->joint_walks(rex, asked, after, {2, order}).value()) {
        met.insert(met.end(), page.begin(), page.end());
        after = cursor_of(page.back());
      }
      RC_ASSERT(met == want);
      std::reverse(want.begin(), want.end());
    }
  };
  EXPECT_TRUE(rc::check(rule));
}

TEST_P(DerivedQueries, PagesOfJointWalksAreNotMovedByThoseThatAreFoundMeanwhile) {
  using Walks = std::vector<OfPair<JointWalk>>;
  const auto first = walk(rex, bob, 1000, 2000);
  const auto second = walk(ada, rex, 3000, 4000);
  const auto third = walk(rex, bob, 5000, 6000);
  put_walks({first, second, third});
  const WalkCursor last = first_walk_cursor(TimeOrder::newest_first);
  const auto page = query->joint_walks(rex, ever, last, {2, TimeOrder::newest_first}).value();
  EXPECT_EQ((Walks{third, second}), page);
  const auto newer = walk(ada, rex, 5000, 7000);
  const auto older = walk(rex, DeviceNumber{4}, 1000, 1600);
  put_walks({newer, older});
  EXPECT_EQ((Walks{older, first}),
            query->joint_walks(rex, ever, cursor_of(page.back()), {9, TimeOrder::newest_first}).value());
  EXPECT_EQ((Walks{newer, third, second, older, first}),
            query->joint_walks(rex, ever, last, {9, TimeOrder::newest_first}).value())
      << "of the same second the one of the greater numbers comes first";
}

/// The pack walks of a device, from all joint walks that there are.
std::vector<std::vector<OfPair<JointWalk>>> obvious_pack_walks(std::vector<OfPair<JointWalk>> walks,
                                                               DeviceNumber device, TimeRange range) {
  std::sort(walks.begin(), walks.end(), [](const auto& x, const auto& y) { return cursor_of(x) < cursor_of(y); });
  std::vector<PairWalk> pairs;
  for (const auto& each : walks) pairs.push_back({each.a.value, each.b.value, {each.of.from, each.of.to}});
  std::vector<std::pair<WalkCursor, std::vector<OfPair<JointWalk>>>> found;
  for (PackWalk& pack : pack_walks_of(pairs)) {
    std::sort(pack.walks.begin(), pack.walks.end());
    std::vector<OfPair<JointWalk>> members;
    std::optional<WalkCursor> first;
    for (const std::size_t i : pack.walks) {
      members.push_back(walks[i]);
      const bool own = walks[i].a == device || walks[i].b == device;
      const bool touches =
          walks[i].of.to >= seconds_since_1970(range.from) && walks[i].of.from < seconds_since_1970(range.until);
      if (own && touches && !first) first = cursor_of(walks[i]);
    }
    if (first) found.emplace_back(*first, members);
  }
  std::sort(found.begin(), found.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
  std::vector<std::vector<OfPair<JointWalk>>> packs;
  for (auto& each : found) packs.push_back(std::move(each.second));
  return packs;
}

TEST_P(DerivedQueries, PackWalksAreTheObviousOnesHoweverTheyArePaged) {
  const auto rule = [&] {
    const auto fresh = GetParam().install();
    const auto walks = any_walks();
    DerivedRows(*fresh).put(rex, {}, {}, walks);
    const auto store = fresh->query_store();
    const Second from = *rc::gen::inRange<Second>(-1000, 12 * day);
    const TimeRange asked = range(from, from + *rc::gen::element<Second>(1, 50'000, 20 * day));
    const std::size_t limit = *rc::gen::inRange<std::size_t>(1, 4);
    const PackWalkBounds bounds{.page_questions_max = *rc::gen::element<std::size_t>(1, 3, 2000)};
    std::vector<std::vector<OfPair<JointWalk>>> met;
    const auto order = *rc::gen::element(TimeOrder::oldest_first, TimeOrder::newest_first);
    std::optional<WalkCursor> after = first_walk_cursor(order);
    for (int pages = 0; after; ++pages) {
      RC_ASSERT(pages < 20);
      auto page = find_pack_walks(*store, {rex, asked, *after, {limit, order}}, bounds).value();
      RC_ASSERT(page.pack_walks.size() <= limit);
      for (FoundPackWalk& found : page.pack_walks) {
        RC_ASSERT(!found.cut);
        met.push_back(std::move(found.walks));
      }
      after = page.next;
    }
    if (order == TimeOrder::newest_first) std::reverse(met.begin(), met.end());
    RC_ASSERT(met == obvious_pack_walks(walks, rex, asked));
  };
  EXPECT_TRUE(rc::check(rule));
}

TEST_P(DerivedQueries, APackWalkThatIsTooLargeIsCut) {
  // A chain: each dog walks with the next one.
  std::vector<OfPair<JointWalk>> chain;
  for (std::int64_t i = 1; i <= 20; ++i)
    chain.push_back(walk(DeviceNumber{i}, DeviceNumber{i + 1}, i * 500, i * 500 + 700));
  put_walks(chain);
  const auto whole = find_pack_walks(*query, {rex, ever, {}, 9}, {.walks_max = 20}).value();
  ASSERT_EQ(1U, whole.pack_walks.size());
  EXPECT_FALSE(whole.pack_walks[0].cut);
  EXPECT_EQ(chain, whole.pack_walks[0].walks);
  const auto cut = find_pack_walks(*query, {rex, ever, {}, 9}, {.walks_max = 19}).value();
  ASSERT_EQ(1U, cut.pack_walks.size());
  EXPECT_TRUE(cut.pack_walks[0].cut);
  EXPECT_EQ(19U, cut.pack_walks[0].walks.size());
}

INSTANTIATE_TEST_SUITE_P(Adapters, DerivedQueries, testing::ValuesIn(store_adapters()), name_of_adapter);

}  // namespace
}  // namespace packwalk
