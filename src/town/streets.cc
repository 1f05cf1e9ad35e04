#include "town/streets.h"

#include <algorithm>
#include <cstdlib>

namespace packwalk::town {
namespace {

// Where parallel streets lie, from -side/2 to side/2 or a little beyond.
std::vector<double> lines(double side, std::size_t count, Random& random) {
  std::vector<double> at{-side / 2};
  while (at.size() < count) at.push_back(at.back() + random.uniform(70, 145));
  return at;
}

}  // namespace

Streets::Streets(double side, Random random) : count_(std::max(4, static_cast<int>(side / 107.5) + 1)) {
  const auto count = static_cast<std::size_t>(count_);
  const auto columns = lines(side, count, random);
  const auto rows = lines(side, count, random);
  for (const double north : rows) {
    for (const double east : columns) {
      corners_.push_back({east + random.uniform(-10, 10), north + random.uniform(-10, 10)});
    }
  }
}

EastNorth Streets::at(Corner corner) const {
  return corners_[static_cast<std::size_t>(corner.row) * static_cast<std::size_t>(count_) +
                  static_cast<std::size_t>(corner.column)];
}

Home Streets::home(Random& random) const {
  Home home;
  home.corner = near({count_ / 2, count_ / 2}, count_, random);
  const Corner other = onward(home.corner, home.corner, random);
  const EastNorth street = at(other) - at(home.corner);
  const EastNorth aside = EastNorth{-street.north, street.east} * (1 / length(street));
  home.gate = at(home.corner) + street * random.uniform(0.1, 0.9);
  home.door = home.gate + aside * (random.chance(0.5) ? random.uniform(9, 22) : random.uniform(-22, -9));
  return home;
}

Corner Streets::inside(Corner corner) const {
  return {std::clamp(corner.column, 0, count_ - 1), std::clamp(corner.row, 0, count_ - 1)};
}

Corner Streets::near(Corner corner, int blocks, Random& random) const {
  const Corner low = inside({corner.column - blocks, corner.row - blocks});
  const Corner high = inside({corner.column + blocks, corner.row + blocks});
  const auto column = static_cast<int>(random.whole(low.column, high.column));
  return {column, static_cast<int>(random.whole(low.row, high.row))};
}

std::vector<Corner> Streets::way(Corner from, Corner to, Random& random) const {
  std::vector<Corner> corners;
  while (from != to) {
    const int columns = std::abs(to.column - from.column);
    const int rows = std::abs(to.row - from.row);
    if (random.whole(1, columns + rows) <= columns) {
      from.column += to.column > from.column ? 1 : -1;
    } else {
      from.row += to.row > from.row ? 1 : -1;
    }
    corners.push_back(from);
  }
  return corners;
}

Corner Streets::onward(Corner before, Corner at, Random& random) const {
  const Corner ahead{2 * at.column - before.column, 2 * at.row - before.row};
  if (before != at && has(ahead) && random.chance(0.6)) return ahead;
  const Corner all[] = {
      {at.column + 1, at.row}, {at.column - 1, at.row}, {at.column, at.row + 1}, {at.column, at.row - 1}};
  for (;;) {
    const Corner drawn = all[random.whole(0, 3)];
    if (has(drawn) && drawn != before) return drawn;
  }
}

}  // namespace packwalk::town
