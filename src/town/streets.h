// The streets of a town: an uneven grid.
#pragma once

#include <vector>

#include "town/local_plane.h"
#include "town/random.h"

namespace packwalk::town {

/// Where two streets cross.
struct Corner {
  int column = 0;
  int row = 0;

  friend bool operator==(Corner, Corner) = default;
};

/// A house stands back from its street: the way out leads from the door to the gate and on to the corner.
struct Home {
  EastNorth door;
  EastNorth gate;
  Corner corner;
};

class Streets {
 public:
  /// A town of about `side` metres squared, around the middle. Corners that a street joins are 50 to 165 m apart.
  Streets(double side, Random random);

  EastNorth at(Corner corner) const;
  Home home(Random& random) const;
  /// A corner at most so many blocks away along each axis.
  Corner near(Corner corner, int blocks, Random& random) const;
  /// The corner nearest to one that may lie outside the town.
  Corner inside(Corner corner) const;
  /// The corners after `from` on a shortest way to `to`, which is the last.
  std::vector<Corner> way(Corner from, Corner to, Random& random) const;
  /// Where one who came from `before` strolls on: rather straight ahead, never back. At the start, before == at.
  Corner onward(Corner before, Corner at, Random& random) const;

 private:
  bool has(Corner corner) const { return inside(corner) == corner; }

  int count_ = 0;                   // of columns, and of rows
  std::vector<EastNorth> corners_;  // row by row
};

}  // namespace packwalk::town
