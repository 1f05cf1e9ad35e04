// The cells of space and time that a device touched, by which a store finds devices to compare.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/walk/near.h"
#include "core/walk/space_cell.h"

namespace packwalk {

inline constexpr Second place_slice_length = 320;

struct PlaceCell {
  Second slice = 0;  // of place_slice_length
  SpaceCell cell = 0;

  friend auto operator<=>(const PlaceCell&, const PlaceCell&) = default;
};

/// The cells that a device's path touches in the slices of `window`, sorted. `path` has all fixes of these slices, and
/// those before and after them within `bridge`.
std::vector<PlaceCell> place_cells_of(std::span<const PathPoint> path, Seconds window);

/// The cells of any other device that is near it in `window`: of two devices that are near each other at a second of
/// the window, one of the other's place_cells_of() is among these. Sorted.
std::vector<PlaceCell> place_cells_near(std::span<const PathPoint> path, Seconds window, const WalkRules& rules);

}  // namespace packwalk
