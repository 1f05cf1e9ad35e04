#include "walking_dogs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <random>

namespace packwalk::bench {
namespace {

constexpr std::int64_t step_seconds = 5;
constexpr double speed_mps = 1.2;
constexpr double beside_m = 2;
constexpr double noise_m = 1.5;
constexpr std::size_t pattern_length = 10;
constexpr std::array<std::size_t, pattern_length> party_of_ten = {0, 1, 2, 3, 4, 5, 5, 6, 6, 6};

constexpr double south = 48.6;
constexpr double west = 44.4;
constexpr double degree_m = 111'320;

/// Metres in a square town, from its south-west corner.
struct PlanePoint {
  double east = 0;
  double north = 0;
};

std::size_t party_of(std::size_t dog) {
  return dog / pattern_length * pattern_length + party_of_ten.at(dog % pattern_length);
}

double share(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1p-53; }

/// Back from the edge, as from a mirror.
double within(double place, double length) {
  place = std::fmod(std::abs(place), 2 * length);
  return place <= length ? place : 2 * length - place;
}

LatLon place_in(double town_m, const PlanePoint& point) {
  const double around = std::cos((south + town_m / 2 / degree_m) * std::numbers::pi / 180);
  return LatLon::from_degrees(south + point.north / degree_m, west + point.east / degree_m / around).value();
}

/// Where a party is from second to second.
class Party {
 public:
  Party(std::uint64_t seed, double town_m)
      : random_(seed), town_m_(town_m), place_{share(random_) * town_m, share(random_) * town_m} {}

  /// `seconds` later; where a town without edges would have it.
  PlanePoint go(std::int64_t seconds) {
    for (; seconds > 0; --seconds) {
      if (straight_on_-- <= 0) {
        straight_on_ = static_cast<std::int64_t>(30 + share(random_) * 90);
        const double heading = share(random_) * 2 * std::numbers::pi;
        east_mps_ = speed_mps * std::sin(heading);
        north_mps_ = speed_mps * std::cos(heading);
      }
      place_.east += east_mps_;
      place_.north += north_mps_;
    }
    return {within(place_.east, town_m_), within(place_.north, town_m_)};
  }

 private:
  std::mt19937_64 random_;
  const double town_m_;
  PlanePoint place_;
  std::int64_t straight_on_ = 0;
  double east_mps_ = 0;
  double north_mps_ = 0;
};

}  // namespace

std::vector<PathFix> WalkingDogs::fixes_of(std::size_t dog) const {
  Party party(seed * 1'000'003 + party_of(dog), town_m);
  std::mt19937_64 random(seed * 7'368'787 + dog);
  const PlanePoint beside{(share(random) * 2 - 1) * beside_m, (share(random) * 2 - 1) * beside_m};
  const auto first = static_cast<std::int64_t>(random() % step_seconds);
  std::vector<PathFix> fixes;
  fixes.reserve(static_cast<std::size_t>(seconds / step_seconds + 1));
  PlanePoint place = party.go(first);
  for (std::int64_t at = first; at < seconds; at += step_seconds, place = party.go(step_seconds)) {
    const PlanePoint fix{.east = place.east + beside.east + (share(random) * 2 - 1) * noise_m,
                         .north = place.north + beside.north + (share(random) * 2 - 1) * noise_m};
    fixes.push_back({place_in(town_m, fix), walking_accuracy_m, device_time(from + at)});
  }
  return fixes;
}

LatLon WalkingDogs::middle_of_town() const { return place_in(town_m, {.east = town_m / 2, .north = town_m / 2}); }

WalkingDogs WalkingDogs::as_dense_as_ever(std::size_t dogs) {
  WalkingDogs walking;
  walking.dogs = dogs;
  walking.town_m = 20'000 * std::sqrt(static_cast<double>(dogs) / 10'000);
  return walking;
}

}  // namespace packwalk::bench
