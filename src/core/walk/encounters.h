// Finds which of many devices come near each other, and when.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/walk/near.h"

namespace packwalk {

/// Two of the paths, by their indexes in the list: a < b.
struct Pair {
  std::uint32_t a = 0;
  std::uint32_t b = 0;

  friend auto operator<=>(const Pair&, const Pair&) = default;
};

/// A run of near seconds of a pair.
struct NearRun {
  Pair pair;
  Seconds seconds;

  friend auto operator<=>(const NearRun&, const NearRun&) = default;
};

/// Finds the near seconds of all pairs of many paths.
///
/// Time is cut into slices, and a slice of a path into pieces that fit a box of some hundred metres; pieces whose
/// boxes, widened by half the greatest reach, share a cell of a grid in space are compared. A pair is compared in the
/// cell that holds the lower corner of what the two boxes share, and in no other, so that nothing is found twice. The
/// cells are cubes of ECEF space, so poles and the antimeridian are not special. Space and time needed: O(fixes +
/// comparisons), where comparisons are of pieces of devices within some hundred metres of each other in the same
/// minute.
class Encounters {
 public:
  /// The paths must live as long.
  Encounters(std::span<const std::span<const PathPoint>> paths, const WalkRules& rules)
      : paths_(paths), rules_(rules) {}

  /// Calls `progress` with how many fixes are done, now and then. The runs are sorted by pair and time; two may adjoin.
  std::vector<NearRun> find(const std::function<void(std::size_t)>& progress = {}) const;

 private:
  std::span<const std::span<const PathPoint>> paths_;
  const WalkRules& rules_;
};

}  // namespace packwalk
