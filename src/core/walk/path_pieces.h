// A path cut into pieces that are short in time and small in space.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/walk/near.h"
#include "core/walk/space_cell.h"

namespace packwalk {

/// Some seconds of a path, all within one slice of time, and a box around its points at these seconds.
struct PathPiece {
  Second slice = 0;  // its number: of seconds since 1970, divided by the length of a slice
  std::uint32_t path = 0;
  Seconds seconds;
  SpaceBox box;
};

/// The number of the slice in which a second lies.
Second slice_of(Second at, Second slice_length);

/// Cuts one path, from its beginning on. Every second at which the device is somewhere is in exactly one piece. The box
/// of a piece has no edge over 192 m, unless the device moves farther in a second.
class PathCutter {
 public:
  PathCutter(std::uint32_t number, std::span<const PathPoint> path, Second slice_length)
      : number_(number), path_(path), slice_length_(slice_length) {}

  /// Appends the pieces of all fixes before `until` and of the ways from them to the next ones; a later call goes on
  /// there. Returns how many fixes it passed.
  std::size_t cut(Second until, std::vector<PathPiece>& pieces);

  /// Where cut() goes on; nothing at the end.
  std::optional<Second> next_fix() const {
    return next_ < path_.size() ? std::optional(path_[next_].at) : std::nullopt;
  }

 private:
  void add_between(const PathPoint& from, const PathPoint& to, std::vector<PathPiece>& pieces);
  void add_evenly(Seconds seconds, const PathPoint& from, const PathPoint& to, std::vector<PathPiece>& pieces);
  void add(Seconds seconds, const Ecef& begin, const Ecef& end, std::vector<PathPiece>& pieces);
  void finish(std::vector<PathPiece>& pieces);

  const std::uint32_t number_;
  const std::span<const PathPoint> path_;
  const Second slice_length_;
  std::size_t next_ = 0;
  PathPiece open_;
};

}  // namespace packwalk
