#include "core/walk/path_pieces.h"

#include <algorithm>

namespace packwalk {
namespace {

constexpr double edge_max_m = 192;

}  // namespace

Second slice_of(Second at, Second slice_length) {
  return at >= 0 ? at / slice_length : -((slice_length - 1 - at) / slice_length);
}

std::size_t PathCutter::cut(Second until, std::vector<PathPiece>& pieces) {
  const std::size_t first = next_;
  while (next_ < path_.size() && path_[next_].at < until) {
    const PathPoint& from = path_[next_];
    add({from.at, from.at}, from.point, from.point, pieces);
    ++next_;
    if (from.moves_to_next) add_between(from, path_[next_], pieces);
  }
  finish(pieces);
  return next_ - first;
}

/// The seconds strictly between two fixes, slice by slice.
void PathCutter::add_between(const PathPoint& from, const PathPoint& to, std::vector<PathPiece>& pieces) {
  for (Second at = from.at + 1; at < to.at;) {
    const Second end = std::min(to.at - 1, (slice_of(at, slice_length_) + 1) * slice_length_ - 1);
    add_evenly({at, end}, from, to, pieces);
    at = end + 1;
  }
}

/// Seconds of even motion within a slice; halves them as long as they do not fit.
void PathCutter::add_evenly(Seconds seconds, const PathPoint& from, const PathPoint& to,
                            std::vector<PathPiece>& pieces) {
  const Ecef begin = between(from, to, seconds.from);
  const Ecef end = between(from, to, seconds.to);
  SpaceBox box;
  box.add(begin);
  box.add(end);
  if (box.longest_edge_m() <= edge_max_m || seconds.count() == 1) {
    add(seconds, begin, end, pieces);
    return;
  }
  const Second middle = seconds.from + (seconds.to - seconds.from) / 2;
  add_evenly({seconds.from, middle}, from, to, pieces);
  add_evenly({middle + 1, seconds.to}, from, to, pieces);
}

void PathCutter::add(Seconds seconds, const Ecef& begin, const Ecef& end, std::vector<PathPiece>& pieces) {
  const Second slice = slice_of(seconds.from, slice_length_);
  SpaceBox box = open_.box;
  box.add(begin);
  box.add(end);
  if (!open_.seconds.empty() && slice == open_.slice && box.longest_edge_m() <= edge_max_m) {
    open_.box = box;
    open_.seconds.to = seconds.to;
    return;
  }
  finish(pieces);
  open_ = {.slice = slice, .path = number_, .seconds = seconds, .box = {}};
  open_.box.add(begin);
  open_.box.add(end);
}

void PathCutter::finish(std::vector<PathPiece>& pieces) {
  if (!open_.seconds.empty()) pieces.push_back(open_);
  open_ = {};
}

}  // namespace packwalk
