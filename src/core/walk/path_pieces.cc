#include "core/walk/path_pieces.h"

#include <algorithm>

namespace packwalk {
namespace {

constexpr double edge_max_m = 192;

bool fits(const SpaceBox& box) { return box.longest_edge_m() <= edge_max_m; }

}  // namespace

void PathCutter::begin_leg(std::size_t leg) {
  leg_ = leg;
  if (leg_ < path_.size()) at_ = path_[leg_].at;
}

std::size_t PathCutter::cut(Second until, std::vector<PathPiece>& pieces) {
  const std::size_t first = leg_;
  PathPiece open;
  while (leg_ < path_.size() && at_ < until) {
    const PathPoint& from = path_[leg_];
    const PathPoint& to = from.moves_to_next ? path_[leg_ + 1] : from;
    const Second end = std::max(to.at, from.at + 1);
    const Seconds seconds{at_, std::min(end, until) - 1};
    // The whole leg's box, wherever it is cut: that is near enough, and takes no division.
    add(seconds, from.point, to.point, open, pieces);
    at_ = seconds.to + 1;
    if (at_ == end) begin_leg(leg_ + 1);
  }
  if (!open.seconds.empty()) pieces.push_back(open);
  return leg_ - first;
}

/// Seconds of the leg, between two of its points.
void PathCutter::add(Seconds seconds, const Ecef& begin, const Ecef& end, PathPiece& open,
                     std::vector<PathPiece>& pieces) {
  SpaceBox box = open.box;
  box.add(begin);
  box.add(end);
  if (!fits(box)) {
    if (!open.seconds.empty()) pieces.push_back(open);
    open = {};
    box = {};
    box.add(begin);
    box.add(end);
    if (!fits(box)) return add_halves(seconds, open, pieces);
  }
  if (open.seconds.empty()) open = {.path = number_, .fix = leg_, .seconds = seconds, .box = {}};
  open.seconds.to = seconds.to;
  open.box = box;
}

void PathCutter::add_halves(Seconds seconds, PathPiece& open, std::vector<PathPiece>& pieces) {
  const Second middle = seconds.from + (seconds.to - seconds.from) / 2;
  for (const Seconds half : {Seconds{seconds.from, middle}, Seconds{middle + 1, seconds.to}}) {
    if (!half.empty()) add(half, place(half.from), place(half.to), open, pieces);
  }
}

/// Within a leg that moves.
Ecef PathCutter::place(Second at) const { return between(path_[leg_], path_[leg_ + 1], at); }

}  // namespace packwalk
