// Dogs that walk through a town, some of them together: the same for the same seed, a dog at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/track/track.h"

namespace packwalk::bench {

/// Of ten dogs five walk alone, two together, and three together. A party goes straight on for half a minute to two,
/// turns, and does not leave the town. Its dogs are within two metres of it, and a fix in five seconds tells where they
/// are, one to two metres wrong, with an accuracy of 4 m.
class WalkingDogs {
 public:
  std::size_t dogs = 0;
  double town_m = 20'000;
  std::int64_t from = 0;  // seconds since 1970
  std::int64_t seconds = 3600;
  std::uint64_t seed = 1;

  /// `dog` < dogs.
  std::vector<PathFix> fixes_of(std::size_t dog) const;
  LatLon middle_of_town() const;

  /// As dense as ten thousand in 20 by 20 km.
  static WalkingDogs as_dense_as_ever(std::size_t dogs);
};

inline constexpr double walking_accuracy_m = 4;

}  // namespace packwalk::bench
