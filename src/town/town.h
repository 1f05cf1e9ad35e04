// A town of dogs with the true position of each at any second.
#pragma once

#include <string>
#include <vector>

#include "town/day_plan.h"
#include "town/streets.h"
#include "town/town_options.h"
#include "town/wander.h"

namespace packwalk::town {

/// One that lives in the town. Its acquaintances are the nearest at home: it walks with the first of them, its friends,
/// and follows the others.
struct Dog {
  Home home;
  EastNorth slot;  // its usual side of the group
  Wander close;    // on the leash or at home: never over 2.9 m from where it is led, the slot included
  Wander wide;     // off the leash
  std::vector<DogIndex> friends;
  std::vector<DogIndex> strangers;
};

/// Made of the options alone, and constant: any thread may ask. All randomness comes from the seed.
class Town {
 public:
  /// `options` must have passed checked().
  explicit Town(const TownOptions& options);

  const TownOptions& options() const { return options_; }
  const Streets& streets() const { return streets_; }
  std::size_t dogs() const { return dogs_.size(); }
  const Dog& dog(DogIndex index) const { return dogs_[index]; }
  /// dog-0001 is the first. Their byte order is their order.
  std::string device_id(DogIndex index) const;

  /// Days begin at 3 in the morning of the city's solar time, in whole hours from UTC.
  std::int64_t day_of(DeviceTime time) const;
  DeviceTime begin_of(std::int64_t day) const;
  DeviceTime end() const { return options_.start + std::chrono::seconds(options_.seconds); }

  /// Where the dog truly is; `time` lies within the day of the plan. Its speed is below 4 m/s on the leash, below 10
  /// off.
  EastNorth place(const DayPlan& plan, DogIndex dog, DeviceTime time) const;
  LatLon lat_lon(EastNorth place) const { return plane_.lat_lon(place); }
  /// Of the ground, metres above the sea.
  double altitude(EastNorth place) const;

 private:
  void introduce();

  TownOptions options_;
  LocalPlane plane_;
  Streets streets_;
  std::vector<Dog> dogs_;
  double base_altitude_ = 0;
};

/// What happens on a day, in all the town. On a shelf (TownOptions) a collar is out all day but for the last second.
/// The same town and day make the same plan, always.
DayPlan plan_day(const Town& town, std::int64_t day);

/// Every pair that walked together, as meant, for at least 10 minutes of what is recorded; by pair, then time.
std::vector<Company> truth(const Town& town);

}  // namespace packwalk::town
