// Joint walks of many dogs by the engines alone, on one core.
#pragma once

#include <cstddef>
#include <cstdint>

#include "walking_dogs.h"

namespace packwalk::bench {

struct MemoryFigures {
  std::size_t fixes = 0;
  std::size_t pairs = 0;  // that were ever near
  std::size_t contacts = 0;
  std::size_t walks = 0;
  std::int64_t near_seconds = 0;
  double paths_seconds = 0;  // of a core, from fixes to paths
  double walks_seconds = 0;  // from paths to joint walks
  double paths_bytes = 0;
  double peak_bytes = 0;  // of the process, paths included

  double fixes_per_second() const { return static_cast<double>(fixes) / (paths_seconds + walks_seconds); }
  /// With the paths at hand.
  double fixes_per_second_of_walks() const { return static_cast<double>(fixes) / walks_seconds; }
};

MemoryFigures walks_in_memory(const WalkingDogs& dogs);

}  // namespace packwalk::bench
