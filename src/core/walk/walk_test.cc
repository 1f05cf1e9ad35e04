#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <set>

#include "core/walk/encounters.h"
#include "core/walk/joint_walk.h"
#include "core/walk/pack_walk.h"
#include "core/walk/path_pieces.h"
#include "core/walk/place_cell.h"

namespace packwalk {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// What one device told.
struct Dog {
  std::vector<PathFix> fixes;
  std::vector<DeviceTime> sleeps;

  std::vector<PathPoint> path(const WalkRules& rules) const { return path_of(fixes, sleeps, {}, rules); }
};

/// Metres to the east and north of a place, laid on the ground there.
struct Field {
  double latitude = 48.7;
  double longitude = 44.5;

  LatLon at(double east_m, double north_m) const {
    const double degrees_north = north_m / 111'200;
    const double degrees_east = longitude + east_m / (111'320 * std::cos(latitude * M_PI / 180));
    return LatLon::from_degrees(std::clamp(latitude + degrees_north, -90.0, 90.0), std::remainder(degrees_east, 360))
        .value();
  }
};

// The obvious version: second by second, from the fixes, as the definition says it.

std::optional<Whereabouts> obvious_place(const Dog& dog, std::int64_t at, const WalkRules& rules) {
  for (std::size_t i = 0; i < dog.fixes.size(); ++i) {
    const PathFix& fix = dog.fixes[i];
    const double accuracy = fix.accuracy.value_or(0) > 0 ? fix.accuracy.value_or(0) : 5;
    if (seconds_since_1970(fix.timestamp) == at) return Whereabouts{ecef_from(fix.position), accuracy};
    if (i + 1 == dog.fixes.size()) continue;
    const PathFix& next = dog.fixes[i + 1];
    if (device_time(at) < fix.timestamp || device_time(at) > next.timestamp) continue;
    const auto gap = next.timestamp - fix.timestamp;
    const bool slept = std::any_of(dog.sleeps.begin(), dog.sleeps.end(),
                                   [&](DeviceTime sleep) { return fix.timestamp < sleep && sleep < next.timestamp; });
    if (slept || gap > rules.bridge || gap > seconds(600)) continue;
    if (device_time(at) == next.timestamp) continue;
    const double next_accuracy = next.accuracy.value_or(0) > 0 ? next.accuracy.value_or(0) : 5;
    const double share = double(at - seconds_since_1970(fix.timestamp)) / double(gap.count());
    const Ecef from = ecef_from(fix.position);
    return Whereabouts{from + (ecef_from(next.position) - from) * share, std::max(accuracy, next_accuracy)};
  }
  return std::nullopt;
}

bool obviously_near(const Whereabouts& a, const Whereabouts& b, const WalkRules& rules) {
  const double allowance = std::min(rules.allowance_max_m, std::hypot(a.accuracy_m, b.accuracy_m));
  return norm(a.point - b.point) <= rules.near_m + allowance;
}

struct ObviousPair {
  std::set<std::int64_t> near;
  std::vector<Contact> contacts;
  std::vector<JointWalk> walks;
};

bool obviously_moved(const Dog& dog, const std::set<std::int64_t>& near, std::int64_t from, std::int64_t to,
                     const WalkRules& rules) {
  const Ecef start = obvious_place(dog, from, rules)->point;
  std::int64_t away = 0;
  std::int64_t all = 0;
  for (const std::int64_t at : near) {
    if (at < from || at > to) continue;
    ++all;
    if (norm(obvious_place(dog, at, rules)->point - start) >= rules.walk_reach_m) ++away;
  }
  return away * 100 >= all * rules.walk_reach_percent;
}

ObviousPair obvious_pair(const Dog& a, const Dog& b, Seconds window, const WalkRules& rules) {
  ObviousPair pair;
  for (Second at = window.from; at <= window.to; ++at) {
    const auto of_a = obvious_place(a, at, rules);
    const auto of_b = obvious_place(b, at, rules);
    if (of_a && of_b && obviously_near(*of_a, *of_b, rules)) pair.near.insert(at);
  }
  for (const std::int64_t at : pair.near) {
    if (pair.contacts.empty() || at - pair.contacts.back().to > rules.contact_hole.count()) {
      pair.contacts.push_back({at, at, 0});
    }
    pair.contacts.back().to = at;
    ++pair.contacts.back().near_seconds;
  }
  for (std::size_t first = 0; first < pair.contacts.size();) {
    std::size_t end = first + 1;
    while (end < pair.contacts.size() &&
           pair.contacts[end].from - pair.contacts[end - 1].to <= rules.walk_pause.count()) {
      ++end;
    }
    JointWalk walk{.from = pair.contacts[first].from, .to = pair.contacts[end - 1].to};
    std::int64_t lasted = 0;
    for (std::size_t i = first; i < end; ++i) {
      lasted += pair.contacts[i].to - pair.contacts[i].from;
      walk.seconds_together += pair.contacts[i].to - pair.contacts[i].from + 1;
      walk.near_seconds += pair.contacts[i].near_seconds;
      ++walk.contacts;
    }
    if (lasted >= rules.walk_min.count() && walk.near_seconds * 100 >= lasted * rules.walk_near_percent &&
        obviously_moved(a, pair.near, walk.from, walk.to, rules) &&
        obviously_moved(b, pair.near, walk.from, walk.to, rules)) {
      pair.walks.push_back(walk);
    }
    first = end;
  }
  return pair;
}

// The engine on the same dogs.

std::vector<Seconds> runs(const Dog& a, const Dog& b, Seconds window, const WalkRules& rules) {
  const auto path_a = a.path(rules);
  const auto path_b = b.path(rules);
  std::vector<Seconds> found;
  near_runs(path_a, path_b, window, rules, found);
  return found;
}

std::set<std::int64_t> seconds_in(const std::vector<Seconds>& runs) {
  std::set<std::int64_t> all;
  for (const Seconds& run : runs) {
    for (Second at = run.from; at <= run.to; ++at) all.insert(at);
  }
  return all;
}

std::vector<JointWalk> walks(const Dog& a, const Dog& b, const WalkRules& rules = {}) {
  const auto path_a = a.path(rules);
  const auto path_b = b.path(rules);
  std::vector<Seconds> found;
  near_runs(path_a, path_b, {-1'000'000, 1'000'000}, rules, found);
  return joint_walks_of({path_a, path_b, found}, contacts_of(found, rules), {}, rules);
}

/// Walks to the north at 1.5 m/s, a fix in 5 seconds, `east_m` beside the others.
Dog walker(std::int64_t from, std::int64_t to, double east_m = 0, const Field& field = {}) {
  Dog dog;
  for (std::int64_t at = from; at <= to; at += 5) {
    dog.fixes.push_back({field.at(east_m, 1.5 * double(at)), 4.0, device_time(at)});
  }
  return dog;
}

// The cases of the specification.

TEST(JointWalk, OfNineMinutesAndFiftyNineSecondsIsNone) {
  Dog a = walker(0, 595);
  a.fixes.push_back({Field().at(0, 1.5 * 599), 4.0, device_time(599)});
  EXPECT_THAT(walks(a, walker(0, 1200, 3)), IsEmpty());
  a.fixes.push_back({Field().at(0, 1.5 * 600), 4.0, device_time(600)});
  const auto found = walks(a, walker(0, 1200, 3));
  ASSERT_EQ(1U, found.size());
  EXPECT_EQ(601, found[0].seconds_together) << "both ends";
  EXPECT_EQ(601, found[0].near_seconds);
  EXPECT_NEAR(3, found[0].mean_distance_m, 0.02);
  EXPECT_NEAR(900, found[0].length_a_m, 5);
}

TEST(JointWalk, GoesOnAfterAPauseOfTenMinutes) {
  Dog a = walker(0, 600);
  const Dog later = walker(1200, 1500);
  a.fixes.insert(a.fixes.end(), later.fixes.begin(), later.fixes.end());
  const auto found = walks(a, walker(0, 1500, 2));
  ASSERT_EQ(1U, found.size());
  EXPECT_EQ(2, found[0].contacts);
  EXPECT_EQ(902, found[0].seconds_together);
  EXPECT_EQ(1500, found[0].to);
}

TEST(JointWalk, EndsWhenAPauseIsLonger) {
  Dog a = walker(0, 600);
  const Dog later = walker(1205, 2000);
  a.fixes.insert(a.fixes.end(), later.fixes.begin(), later.fixes.end());
  EXPECT_EQ(2U, walks(a, walker(0, 2000, 2)).size());
}

TEST(JointWalk, OfTwoCollarsOnAShelfIsNone) {
  Dog a;
  Dog b;
  for (std::int64_t at = 0; at < 28'800; at += 30) {  // they drift, twenty metres to and fro
    const double drift = 10 * std::sin(double(at) / 700);
    a.fixes.push_back({Field().at(drift, 0), 4.0, device_time(at)});
    b.fixes.push_back({Field().at(0, drift), 4.0, device_time(at)});
  }
  EXPECT_THAT(walks(a, b), IsEmpty());
}

TEST(JointWalk, IsTheSameEverywhereOnEarth) {
  const auto here = walks(walker(0, 900), walker(0, 900, 4));
  ASSERT_EQ(1U, here.size());
  for (const Field& field : {Field{0.0, 179.99999}, Field{-45.0, -179.99999}, Field{89.985, 0.0}, Field{-89.99, 10}}) {
    const auto there = walks(walker(0, 900, 0, field), walker(0, 900, 4, field));
    ASSERT_EQ(1U, there.size()) << field.latitude;
    EXPECT_EQ(here[0].from, there[0].from);
    EXPECT_EQ(here[0].seconds_together, there[0].seconds_together);
  }
}

TEST(JointWalk, NeedsEachDogToMove) {
  Dog sits;
  for (std::int64_t at = 0; at <= 900; at += 5) sits.fixes.push_back({Field().at(0, 0), 4.0, device_time(at)});
  Dog about;  // goes round and round it, never thirty metres away
  for (std::int64_t at = 0; at <= 900; at += 5) {
    about.fixes.push_back({Field().at(5 * std::sin(double(at)), 5 * std::cos(double(at))), 4.0, device_time(at)});
  }
  EXPECT_THAT(walks(sits, about), IsEmpty());
}

TEST(JointWalk, IsNearForHalfOfItsTime) {
  const Dog other = walker(0, 1500);
  const auto with_one_near = [&](std::int64_t of_20_seconds, std::int64_t percent) {
    Dog dog;
    for (std::int64_t at = 0; at <= 1500; ++at) {
      const double east_m = at % 20 < of_20_seconds ? 3 : 30;
      dog.fixes.push_back({Field().at(east_m, 1.5 * double(at)), 4.0, device_time(at)});
    }
    WalkRules rules;
    rules.walk_near_percent = percent;
    return walks(dog, other, rules);
  };
  EXPECT_THAT(with_one_near(9, 50), IsEmpty());
  EXPECT_EQ(1U, with_one_near(9, 45).size());
  EXPECT_EQ(1U, with_one_near(10, 50).size());
}

TEST(JointWalk, WalksApartAndMeetsAgain) {
  Dog a = walker(0, 1500);
  for (PathFix& fix : a.fixes) {
    const auto at = seconds_since_1970(fix.timestamp);
    if (at > 500 && at < 800) fix.position = Field().at(200, 1.5 * double(at));
  }
  const auto found = walks(a, walker(0, 1500, 3));
  ASSERT_EQ(1U, found.size()) << "inside one track";
  EXPECT_EQ(2, found[0].contacts);
}

// Against the obvious version.

/// Where somebody goes, who may have several dogs with him.
struct Stop {
  std::int64_t at = 0;
  int east_m = 0;
  int north_m = 0;
};

rc::Gen<std::vector<Stop>> a_route() {
  return rc::gen::exec([] {
    std::vector<Stop> route;
    Stop stop{*rc::gen::inRange(0, 200), *rc::gen::inRange(-20, 20), *rc::gen::inRange(-20, 20)};
    const int count = *rc::gen::inRange(0, 40);
    for (int i = 0; i < count; ++i) {
      route.push_back(stop);
      stop.at += *rc::gen::weightedElement<int>({{6, 5}, {4, 3}, {3, 17}, {2, 90}, {1, 91}, {1, 600}, {1, 601}});
      stop.east_m += *rc::gen::weightedElement<int>({{6, 3}, {6, -3}, {4, 0}, {1, 25}, {1, -25}, {1, 400}});
      stop.north_m += *rc::gen::weightedElement<int>({{6, 4}, {4, -4}, {4, 0}, {1, 30}, {1, -30}});
    }
    return route;
  });
}

/// On a route, some metres beside it.
rc::Gen<Dog> a_dog(const Field& field, const std::vector<Stop>& route) {
  return rc::gen::exec([field, route] {
    Dog dog;
    for (const Stop& stop : route) {
      if (*rc::gen::inRange(0, 8) == 0) continue;  // a lost fix
      const std::int64_t at = stop.at + *rc::gen::inRange(0, 3);
      MaybeMeters accuracy;
      if (*rc::gen::inRange(0, 3) > 0) accuracy = *rc::gen::inRange(0, 12);
      const LatLon place = field.at(stop.east_m + *rc::gen::inRange(-8, 8), stop.north_m + *rc::gen::inRange(-8, 8));
      dog.fixes.push_back({place, accuracy, device_time(at)});
      if (*rc::gen::inRange(0, 40) == 0) dog.sleeps.push_back(device_time(at + *rc::gen::inRange(0, 3)));
    }
    return dog;
  });
}

rc::Gen<Field> a_field() {
  return rc::gen::element(Field{}, Field{0.0, 179.9999}, Field{-60.0, -179.9999}, Field{89.999, 0.0},
                          Field{-89.999, 90});
}

/// Short, so that chains of some minutes are walks.
WalkRules quick_rules() {
  WalkRules rules;
  rules.walk_min = seconds(20);
  rules.walk_pause = seconds(120);
  rules.walk_reach_m = 8;
  return rules;
}

std::vector<std::tuple<Second, Second, Second, Second, Second>> summary(const std::vector<JointWalk>& walks) {
  std::vector<std::tuple<Second, Second, Second, Second, Second>> all;
  all.reserve(walks.size());
  for (const JointWalk& each : walks) {
    all.emplace_back(each.from, each.to, each.seconds_together, each.near_seconds, each.contacts);
  }
  return all;
}

RC_GTEST_PROP(Walks, AreTheObviousOnes, ()) {
  const WalkRules rules = *rc::gen::element(quick_rules(), WalkRules{}, WalkRules::off_leash());
  const Field field = *a_field();
  const auto route = *a_route();
  const Dog a = *a_dog(field, route);
  const Dog b = *a_dog(field, *rc::gen::element(route, route, *a_route()));
  const Seconds window{0, 4000};
  const ObviousPair expected = obvious_pair(a, b, window, rules);
  const auto found = runs(a, b, window, rules);
  RC_ASSERT(seconds_in(found) == expected.near);
  RC_ASSERT(contacts_of(found, rules) == expected.contacts);
  const auto path_a = a.path(rules);
  const auto path_b = b.path(rules);
  const auto joint = joint_walks_of({path_a, path_b, found}, expected.contacts, {}, rules);
  RC_ASSERT(summary(joint) == summary(expected.walks));
  RC_TAG(joint.empty() ? "no walk" : "walks");
}

RC_GTEST_PROP(Near, DoesNotDependOnTheWindow, ()) {
  const WalkRules rules = quick_rules();
  const Field field = *a_field();
  const auto route = *a_route();
  const Dog a = *a_dog(field, route);
  const Dog b = *a_dog(field, *rc::gen::element(route, route, *a_route()));
  const auto whole = seconds_in(runs(a, b, {0, 4000}, rules));
  const std::int64_t cut = *rc::gen::inRange(0, 4000);
  auto parts = runs(a, b, {0, cut}, rules);
  const auto rest = runs(a, b, {cut + 1, 4000}, rules);
  parts.insert(parts.end(), rest.begin(), rest.end());
  RC_ASSERT(seconds_in(parts) == whole);
  RC_ASSERT(seconds_in(runs(b, a, {0, 4000}, rules)) == whole);
}

RC_GTEST_PROP(Encounters, FindWhatComparingEveryPairFinds, ()) {
  const WalkRules rules = *rc::gen::element(quick_rules(), WalkRules::off_leash());
  const Field field = *a_field();
  std::vector<std::vector<PathPoint>> paths;
  const int count = *rc::gen::inRange(0, 5);
  const auto route = *a_route();
  for (int i = 0; i < count; ++i) {
    Dog dog = *a_dog(field, *rc::gen::element(route, *a_route()));
    const bool elsewhen = *rc::gen::inRange(0, 4) == 0;
    for (PathFix& fix : dog.fixes) fix.timestamp += seconds(elsewhen ? -70'000 : 0);
    for (DeviceTime& sleep : dog.sleeps) sleep += seconds(elsewhen ? -70'000 : 0);
    paths.push_back(dog.path(rules));
  }
  const std::vector<std::span<const PathPoint>> views(paths.begin(), paths.end());
  const auto found = Encounters(views, rules).find();
  std::set<std::tuple<Pair, Second>> near;
  for (const NearRun& run : found) {
    for (Second at = run.seconds.from; at <= run.seconds.to; ++at) {
      RC_ASSERT(near.emplace(run.pair, at).second);  // nothing twice
    }
  }
  std::set<std::tuple<Pair, Second>> expected;
  for (std::uint32_t a = 0; a < paths.size(); ++a) {
    for (std::uint32_t b = a + 1; b < paths.size(); ++b) {
      std::vector<Seconds> runs;
      near_runs(paths[a], paths[b], {-100'000, 100'000}, rules, runs);
      for (const std::int64_t at : seconds_in(runs)) expected.emplace(Pair{a, b}, at);
    }
  }
  RC_ASSERT(near == expected);
  RC_ASSERT(std::is_sorted(found.begin(), found.end()));
}

RC_GTEST_PROP(PathCutter, HasEverySecondInOnePieceWithItsPoint, ()) {
  const auto path = (*a_dog(*a_field(), *a_route())).path(WalkRules{});
  PathCutter cutter(7, path);
  std::vector<PathPiece> pieces;
  std::size_t passed = 0;
  while (const auto next = cutter.next()) {
    const Second until = *next + *rc::gen::inRange(1, 200);
    const std::size_t before = pieces.size();
    passed += cutter.cut(until, pieces);
    RC_ASSERT(pieces.size() > before);
    RC_ASSERT(pieces.back().seconds.to < until);
    RC_ASSERT(cutter.next().value_or(until) >= until);
  }
  RC_ASSERT(passed == path.size());
  std::set<Second> covered;
  for (const PathPiece& piece : pieces) {
    RC_ASSERT(piece.path == 7U);
    RC_ASSERT(piece.fix == last_point_until(path, piece.seconds.from));
    RC_ASSERT(piece.box.longest_edge_m() <= 192);
    const SpaceBox box = piece.box.widened(0.001);
    for (Second at = piece.seconds.from; at <= piece.seconds.to; ++at) {
      RC_ASSERT(covered.insert(at).second);
      const auto there = whereabouts(path, at);
      if (!there) continue;  // a piece may go on after a hole
      SpaceBox with_it = box;
      with_it.add(there->point);
      RC_ASSERT(with_it.low == box.low && with_it.high == box.high);
    }
  }
  for (Second at = 0; !path.empty() && at <= path.back().at; ++at)
    RC_ASSERT(!whereabouts(path, at) || covered.contains(at));
}

RC_GTEST_PROP(Path, FindsItsLastPointUntilASecond, ()) {
  const auto path = (*a_dog(Field{}, *a_route())).path(WalkRules{});
  const Second at = *rc::gen::inRange(-10, 3000);
  std::size_t last = path.size();
  for (std::size_t i = 0; i < path.size() && path[i].at <= at; ++i) last = i;
  RC_ASSERT(last_point_until(path, at) == last);
}

RC_GTEST_PROP(PlaceCells, LeadToWhoeverIsNear, ()) {
  const WalkRules rules = *rc::gen::element(quick_rules(), WalkRules::off_leash());
  const Field field = *a_field();
  const auto route = *a_route();
  const auto a = (*a_dog(field, route)).path(rules);
  const auto b = (*a_dog(field, route)).path(rules);
  const Second from = *rc::gen::inRange(0, 3000);
  const Seconds window{from, from + *rc::gen::inRange(0, 1500)};
  std::vector<Seconds> runs;
  near_runs(a, b, window, rules, runs);
  if (runs.empty()) return;
  const auto where = place_cells_of(b, window);
  const auto asked = place_cells_near(a, window, rules);
  std::vector<PlaceCell> both;
  std::set_intersection(where.begin(), where.end(), asked.begin(), asked.end(), std::back_inserter(both));
  for (const Seconds& run : runs) {
    for (const Second slice : {run.from / place_slice_length, run.to / place_slice_length}) {
      RC_ASSERT(std::any_of(both.begin(), both.end(), [&](const PlaceCell& each) { return each.slice == slice; }));
    }
  }
}

TEST(PackWalk, IsOfThreeDogsOrMore) {
  const std::vector<PairWalk> walks = {{1, 2, {0, 100}}, {2, 3, {100, 200}}, {4, 5, {0, 100}}, {1, 2, {300, 400}}};
  const auto packs = pack_walks_of(walks);
  ASSERT_EQ(1U, packs.size());
  EXPECT_THAT(packs[0].devices, ElementsAre(1, 2, 3));
  EXPECT_EQ((Seconds{0, 200}), packs[0].seconds);
  EXPECT_THAT(packs[0].walks, ElementsAre(0, 1));
}

TEST(PackWalk, NeedsASecondInCommon) {
  EXPECT_THAT(pack_walks_of(std::vector<PairWalk>{{1, 2, {0, 100}}, {2, 3, {101, 200}}}), IsEmpty());
}

RC_GTEST_PROP(PackWalk, IsTheObviousGroup, ()) {
  std::vector<PairWalk> walks;
  const int count = *rc::gen::inRange(0, 12);
  for (int i = 0; i < count; ++i) {
    const std::int64_t a = *rc::gen::inRange(0, 6);
    const std::int64_t from = *rc::gen::inRange(0, 60);
    walks.push_back({a, a + *rc::gen::inRange(1, 4), {from, from + *rc::gen::inRange(0, 20)}});
  }
  std::vector<std::size_t> group(walks.size());
  for (std::size_t i = 0; i < walks.size(); ++i) group[i] = i;
  const auto together = [&](const PairWalk& x, const PairWalk& y) {
    const bool shares = x.a == y.a || x.a == y.b || x.b == y.a || x.b == y.b;
    return shares && x.seconds.from <= y.seconds.to && y.seconds.from <= x.seconds.to;
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i < walks.size(); ++i) {
      for (std::size_t j = 0; j < walks.size(); ++j) {
        if (group[i] != group[j] && together(walks[i], walks[j])) {
          group[i] = group[j] = std::min(group[i], group[j]);
          changed = true;
        }
      }
    }
  }
  std::set<std::set<std::size_t>> expected;
  for (std::size_t g = 0; g < walks.size(); ++g) {
    std::set<std::size_t> members;
    std::set<std::int64_t> devices;
    for (std::size_t i = 0; i < walks.size(); ++i) {
      if (group[i] != g) continue;
      members.insert(i);
      devices.insert({walks[i].a, walks[i].b});
    }
    if (devices.size() >= 3) expected.insert(members);
  }
  std::set<std::set<std::size_t>> found;
  for (const PackWalk& pack : pack_walks_of(walks)) found.insert({pack.walks.begin(), pack.walks.end()});
  RC_ASSERT(found == expected);
}

}  // namespace
}  // namespace packwalk
