#include "town/town.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

#include "base/text.h"

namespace packwalk::town {
namespace {

constexpr double dogs_a_square_metre = 150e-6;
constexpr double side_min = 900;
constexpr std::size_t friends_max = 8;
constexpr std::size_t strangers_max = 8;
constexpr double slot_max = 1.2;          // metres; with the close wander at most 2.9 together, so that two dogs on the
constexpr double close_deviation = 0.42;  // leash are never over 5.8 m apart
constexpr double off_leash_ramp = 30;     // seconds in which a dog strays off and comes back
constexpr std::int64_t truth_seconds_min = 600;

double side_of(const TownOptions& options) {
  return std::max(side_min, std::sqrt(static_cast<double>(options.dogs) / dogs_a_square_metre));
}

Dog dog_of(const Streets& streets, const TownOptions& options, DogIndex index) {
  Random home_random(options.seed, Purpose::home, {index});
  const Home home = streets.home(home_random);
  const double radius = slot_max * std::sqrt(home_random.uniform());
  const double angle = home_random.uniform(0, 2 * std::numbers::pi);
  Random random(options.seed, Purpose::wander, {index});
  const Wander close(random, close_deviation, 12, 60);
  const double slower = std::max(1.0, options.spread / 12);  // a wider one, at the same speed
  const Wander wide(random, options.spread, 45 * slower, 180 * slower);
  return {home, {radius * std::cos(angle), radius * std::sin(angle)}, close, wide, {}, {}};
}

// How far off the leash the dog is: 0 at both ends of the stretch, 1 between, smooth.
double looseness(const Stretch& stretch, double time) {
  if (!stretch.off_leash) return 0;
  const double ramp = std::min(off_leash_ramp, (stretch.to - stretch.from) / 2);
  const double share = std::clamp(std::min(time - stretch.from, stretch.to - time) / ramp, 0.0, 1.0);
  return share * share * (3 - 2 * share);
}

}  // namespace

Town::Town(const TownOptions& options)
    : options_(options),
      plane_(options.city),
      streets_(side_of(options), Random(options.seed, Purpose::streets)),
      base_altitude_(Random(options.seed, Purpose::streets, {1}).uniform(20, 80)) {
  assert(checked(options).has_value());
  dogs_.reserve(options.dogs);
  for (DogIndex i = 0; i < options.dogs; ++i) dogs_.push_back(dog_of(streets_, options, i));
  introduce();
}

// The nearest at home, found through squares of 300 m.
void Town::introduce() {
  constexpr double square = 300;
  std::map<std::pair<int, int>, std::vector<DogIndex>> squares;
  const auto square_of = [](EastNorth place) {
    return std::pair(static_cast<int>(std::floor(place.east / square)),
                     static_cast<int>(std::floor(place.north / square)));
  };
  for (DogIndex i = 0; i < dogs_.size(); ++i) squares[square_of(dogs_[i].home.door)].push_back(i);
  for (DogIndex i = 0; i < dogs_.size(); ++i) {
    std::vector<std::pair<double, DogIndex>> others;
    const auto [column, row] = square_of(dogs_[i].home.door);
    for (int dx = -1; dx <= 1; ++dx) {
      for (int dy = -1; dy <= 1; ++dy) {
        const auto found = squares.find({column + dx, row + dy});
        if (found == squares.end()) continue;
        for (const DogIndex other : found->second) {
          if (other != i) others.emplace_back(length(dogs_[other].home.door - dogs_[i].home.door), other);
        }
      }
    }
    const std::size_t known = std::min(others.size(), friends_max + strangers_max);
    std::partial_sort(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(known), others.end());
    const std::size_t friends = std::min(friends_max, (known + 1) / 2);
    for (std::size_t k = 0; k < known; ++k) {
      (k < friends ? dogs_[i].friends : dogs_[i].strangers).push_back(others[k].second);
    }
  }
}

std::string Town::device_id(DogIndex index) const {
  const std::size_t width = std::max<std::size_t>(4, std::to_string(dogs()).size());
  return numbered(options_.prefix, index + 1, width);
}

DeviceTime Town::begin_of(std::int64_t day) const {
  const auto solar_hours = static_cast<std::int64_t>(std::lround(options_.city.longitude() / 15));
  return device_time(day * 86'400 + (3 - solar_hours) * 3600);
}

std::int64_t Town::day_of(DeviceTime time) const {
  return std::chrono::floor<std::chrono::days>(time - begin_of(0)).count();
}

EastNorth Town::place(const DayPlan& plan, DogIndex dog, DeviceTime time) const {
  const Dog& self = dogs_[dog];
  const auto absolute = static_cast<double>(seconds_since_1970(time));
  const EastNorth close = self.slot + self.close.at(absolute);
  const auto& outings = plan.outings[dog];
  const auto outing =
      std::partition_point(outings.begin(), outings.end(), [&](const Outing& one) { return one.to < time; });
  if (outing == outings.end() || time < outing->from) return self.home.door + close;
  const auto second = static_cast<double>((time - plan.begin).count());
  auto stretch = outing->stretches.begin();
  while (stretch + 1 != outing->stretches.end() && stretch->to < second) ++stretch;
  const TimedPath& path = plan.paths[stretch->path];
  const EastNorth led = stretch->behind > 0 ? path.at(second, stretch->behind) : path.at(second);
  if (stretch->lies) return led;
  const double loose = looseness(*stretch, second);
  return led + (loose > 0 ? between(close, self.wide.at(absolute), loose) : close);
}

double Town::altitude(EastNorth place) const {
  return base_altitude_ + 15 * std::sin(place.east / 700) + 10 * std::cos(place.north / 900);
}

std::vector<Company> truth(const Town& town) {
  std::vector<Company> walks;
  const DeviceTime last = town.end() - std::chrono::seconds(1);
  for (std::int64_t day = town.day_of(town.options().start); day <= town.day_of(last); ++day) {
    for (Company company : plan_day(town, day).company) {
      company.from = std::max(company.from, town.options().start);
      company.to = std::min(company.to, last);
      const bool long_enough = (company.to - company.from).count() >= truth_seconds_min;
      if (company.kind == CompanyKind::walk && long_enough) walks.push_back(company);
    }
  }
  std::sort(walks.begin(), walks.end(),
            [](const Company& x, const Company& y) { return std::tie(x.a, x.b, x.from) < std::tie(y.a, y.b, y.from); });
  return walks;
}

}  // namespace packwalk::town
