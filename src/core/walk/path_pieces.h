// A path cut into pieces that are short in time and small in space.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/walk/near.h"
#include "core/walk/space_cell.h"

namespace packwalk {

/// Some seconds of a path, and a box around its points at these seconds; at some the device may be nowhere.
struct PathPiece {
  std::uint32_t path = 0;
  std::size_t fix = 0;  // the last one at or before its first second
  Seconds seconds;
  SpaceBox box;
};

/// The number of the slice in which a second lies: seconds since 1970, divided by the length of a slice.
constexpr Second slice_of(Second at, Second slice_length) {
  return at >= 0 ? at / slice_length : -((slice_length - 1 - at) / slice_length);
}

/// Cuts one path, from its beginning on. Every second at which the device is somewhere is in exactly one piece. The box
/// of a piece has no edge over 192 m.
class PathCutter {
 public:
  PathCutter(std::uint32_t number, std::span<const PathPoint> path) : number_(number), path_(path) { begin_leg(0); }

  /// Appends the pieces of all seconds before `until`; a later call goes on there. Returns how many fixes it passed.
  std::size_t cut(Second until, std::vector<PathPiece>& pieces);

  /// The second at which cut() goes on; nothing at the end.
  std::optional<Second> next() const { return leg_ < path_.size() ? std::optional(at_) : std::nullopt; }

 private:
  void begin_leg(std::size_t leg);
  void add(Seconds seconds, const Ecef& begin, const Ecef& end, PathPiece& open, std::vector<PathPiece>& pieces);
  void add_halves(Seconds seconds, PathPiece& open, std::vector<PathPiece>& pieces);
  Ecef place(Second at) const;

  std::uint32_t number_;
  std::span<const PathPoint> path_;
  std::size_t leg_ = 0;  // from this fix to the next one, or at this fix alone
  Second at_ = 0;        // within it
};

}  // namespace packwalk
