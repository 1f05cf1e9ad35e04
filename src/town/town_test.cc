// The town's life: what the plan promises holds in the true positions, second by second.
#include "town/town.h"

#include <gtest/gtest.h>

#include <set>
#include <tuple>

namespace packwalk::town {
namespace {

TownOptions small_town(double off_leash_share = 0) {
  TownOptions options;
  options.dogs = 40;
  options.city = LatLon::from_degrees(48.70, 44.51).value();
  options.seed = 7;
  options.walks_a_day = 6;
  options.off_leash_share = off_leash_share;
  return checked(options).value();
}

struct Distances {
  double largest = 0;
  double mean_square = 0;  // along each axis
  double share_under_15 = 0;
};

Distances distances(const Town& town, const DayPlan& plan, const Company& pair) {
  Distances found;
  double seconds = 0;
  for (DeviceTime at = pair.from; at <= pair.to; at += std::chrono::seconds(1)) {
    const double metres = length(town.place(plan, pair.a, at) - town.place(plan, pair.b, at));
    found.largest = std::max(found.largest, metres);
    found.mean_square += metres * metres / 2;
    found.share_under_15 += metres < 15 ? 1 : 0;
    ++seconds;
  }
  found.mean_square /= seconds;
  found.share_under_15 /= seconds;
  return found;
}

TEST(Town, KeepsCompanyOnTheLeashWithinSixMetres) {
  const Town town(small_town());
  const DayPlan plan = plan_day(town, town.day_of(town.options().start));
  std::size_t walks = 0;
  for (const Company& pair : plan.company) {
    if (pair.kind == CompanyKind::follow) continue;
    EXPECT_LT(distances(town, plan, pair).largest, 6);
    ++walks;
  }
  EXPECT_GT(walks, 60u);
}

TEST(Town, SpreadsCompanyOffTheLeash) {
  const Town town(small_town(1));
  const DayPlan plan = plan_day(town, town.day_of(town.options().start));
  double mean_square = 0;
  double walks = 0;
  for (const Company& pair : plan.company) {
    if (pair.kind != CompanyKind::walk) continue;
    const Distances found = distances(town, plan, pair);
    EXPECT_LT(found.largest, 100);
    mean_square += found.mean_square;
    ++walks;
  }
  // Two independent spreads of 12 m, less in the minutes at both ends.
  EXPECT_NEAR(std::sqrt(mean_square / walks), 12 * std::sqrt(2), 2);
}

TEST(Town, KeepsFollowersAtADistance) {
  const Town town(small_town());
  const DayPlan plan = plan_day(town, town.day_of(town.options().start));
  std::size_t followers = 0;
  for (const Company& pair : plan.company) {
    if (pair.kind != CompanyKind::follow) continue;
    const Distances found = distances(town, plan, pair);
    EXPECT_LT(found.share_under_15, 0.1);
    EXPECT_LT(found.largest, 47);
    ++followers;
  }
  EXPECT_GT(followers, 10u);
}

TEST(Town, NeverLetsADogLeap) {
  for (const double off_leash_share : {0.0, 1.0}) {
    const Town town(small_town(off_leash_share));
    const std::int64_t day = town.day_of(town.options().start);
    double fastest = 0;
    std::vector<EastNorth> before;
    for (const std::int64_t each : {day, day + 1}) {
      const DayPlan plan = plan_day(town, each);
      for (DeviceTime at = plan.begin; at < plan.begin + std::chrono::days(1); at += std::chrono::seconds(1)) {
        for (DogIndex dog = 0; dog < 10; ++dog) {
          const EastNorth now = town.place(plan, dog, at);
          if (before.size() <= dog) before.push_back(now);
          fastest = std::max(fastest, length(now - before[dog]));
          before[dog] = now;
        }
      }
    }
    EXPECT_LT(fastest, off_leash_share == 0 ? 4 : 8);
    EXPECT_GT(fastest, 1);
  }
}

TEST(Town, TellsAsTruthOnlyMeantWalksOfTenMinutes) {
  const Town town(small_town(0.3));
  const auto walks = truth(town);
  std::set<std::pair<DogIndex, DogIndex>> pairs;
  std::size_t again = 0;
  for (std::size_t i = 0; i < walks.size(); ++i) {
    EXPECT_EQ(CompanyKind::walk, walks[i].kind);
    EXPECT_LT(town.device_id(walks[i].a), town.device_id(walks[i].b));
    EXPECT_GE((walks[i].to - walks[i].from).count(), 600);
    EXPECT_GE(walks[i].from, town.options().start);
    EXPECT_LT(walks[i].to, town.end());
    if (!pairs.insert({walks[i].a, walks[i].b}).second) {
      ++again;
      EXPECT_GT(walks[i].from - walks[i - 1].to,
                std::chrono::minutes(12));  // so no rule need tell a pause from a parting
    }
  }
  EXPECT_GT(walks.size(), 50u);
  EXPECT_GT(again, 5u);
  for (const Company& pair : plan_day(town, town.day_of(town.options().start)).company) {
    EXPECT_TRUE(pair.kind != CompanyKind::chat || (pair.to - pair.from).count() < 600);
  }
}

TEST(Town, LaysCollarsOnShelvesTwoByTwo) {
  TownOptions options = small_town();
  options.dogs = 5;
  options.shelf = true;
  options.seconds = std::int64_t{2} * 86'400;
  const Town town(options);
  EXPECT_TRUE(truth(town).empty());
  const std::int64_t day = town.day_of(options.start);
  const auto place = [&](DogIndex dog, std::int64_t days, int second) {
    const DayPlan plan = plan_day(town, day + days);
    return town.place(plan, dog, plan.begin + std::chrono::seconds(second));
  };
  for (DogIndex dog = 0; dog < 5; ++dog) {
    for (const int second : {0, 1, 40'000, 86'398}) {
      EXPECT_EQ(0, length(place(dog, 0, 1) - place(dog, 1, second))) << dog;
    }
  }
  EXPECT_NEAR(0.3, length(place(0, 0, 9) - place(1, 0, 9)), 1e-9);
  EXPECT_NEAR(0.3, length(place(2, 0, 9) - place(3, 0, 9)), 1e-9);
  EXPECT_GT(length(place(0, 0, 9) - place(4, 0, 9)), 1);
}

TEST(Town, LivesTheSameLifeHoweverMuchIsRecorded) {
  TownOptions options = small_town();
  const Town day(options);
  options.start += std::chrono::hours(15);
  options.seconds = 7200;
  options.noise = 9;
  const Town hours{options};
  std::vector<Company> expected;
  for (const Company& walk : truth(day)) {
    if (walk.from >= options.start && walk.to < hours.end()) expected.push_back(walk);
  }
  std::size_t found = 0;
  for (const Company& walk : truth(hours)) {
    for (const Company& other : expected) {
      found += std::tie(walk.a, walk.b, walk.from, walk.to) == std::tie(other.a, other.b, other.from, other.to) ? 1 : 0;
    }
  }
  EXPECT_EQ(expected.size(), found);
  EXPECT_GT(found, 0u);
}

TEST(Town, RefusesOptionsOutOfRange) {
  TownOptions options;
  EXPECT_TRUE(checked(options));
  options.dogs = 0;
  EXPECT_EQ("dogs must be between 1 and 200000", checked(options).error().detail);
  options.dogs = 1;
  options.noise = std::nan("");
  EXPECT_FALSE(checked(options));
  options.noise = 4;
  options.sampling_seconds_min = 11;
  EXPECT_FALSE(checked(options));
  options.sampling_seconds_min = 1;
  options.prefix = "a dog";
  EXPECT_FALSE(checked(options));
  options.prefix = std::string(59, 'd');
  EXPECT_FALSE(checked(options));
}

// The distance on the globe: of the chords between WGS 84 points.
double chord(const LatLon& x, const LatLon& y) {
  const auto point = [](const LatLon& place) {
    constexpr double e2 = 0.00669437999014;
    const double lat = place.latitude() * std::numbers::pi / 180;
    const double lon = place.longitude() * std::numbers::pi / 180;
    const double n = 6378137 / std::sqrt(1 - e2 * std::sin(lat) * std::sin(lat));
    return std::array{n * std::cos(lat) * std::cos(lon), n * std::cos(lat) * std::sin(lon),
                      n * (1 - e2) * std::sin(lat)};
  };
  const auto a = point(x);
  const auto b = point(y);
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

TEST(LocalPlane, KeepsDistancesEverywhere) {
  const EastNorth points[] = {{0, 0}, {3, 4}, {-900, 1200}, {8000, -6000}, {-40, -3000}, {0, 1e-3}};
  for (const auto& [latitude, longitude] : {std::pair(48.7, 44.51),
                                            {-16.8, 180.0},
                                            {0.0, 0.0},
                                            {90.0, 0.0},
                                            {-89.99, 12.0},
                                            {71.0, -179.999},
                                            {10.0, -180.0}}) {
    const LocalPlane plane(LatLon::from_degrees(latitude, longitude).value());
    for (const EastNorth x : points) {
      for (const EastNorth y : points) {
        const double metres = length(x - y);
        EXPECT_NEAR(metres, chord(plane.lat_lon(x), plane.lat_lon(y)), 0.02 + metres * 1e-5);
      }
    }
  }
}

TEST(LocalPlane, CrossesTheAntimeridian) {
  const LocalPlane plane(LatLon::from_degrees(-16.8, 180).value());
  EXPECT_GT(plane.lat_lon({-500, 0}).longitude(), 179.99);
  EXPECT_LT(plane.lat_lon({500, 0}).longitude(), -179.99);
}

TEST(LocalPlane, NeverSaysExactlyNullNull) {
  const LocalPlane plane{LatLon()};
  EXPECT_NE(LatLon(), plane.lat_lon({0, 0}));
}

}  // namespace
}  // namespace packwalk::town
