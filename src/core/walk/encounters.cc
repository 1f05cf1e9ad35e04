#include "core/walk/encounters.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <queue>
#include <utility>

namespace packwalk {
namespace {

constexpr Second slice_seconds = 64;
constexpr Second chapter_seconds = 64 * slice_seconds;  // that are in memory at once
constexpr double piece_edge_max_m = 192;
constexpr double cell_edge_m = 256;

struct Box {
  Ecef low{std::numeric_limits<double>::max(), std::numeric_limits<double>::max(), std::numeric_limits<double>::max()};
  Ecef high{std::numeric_limits<double>::lowest(), std::numeric_limits<double>::lowest(),
            std::numeric_limits<double>::lowest()};

  void add(const Ecef& point) {
    low = {std::min(low.x, point.x), std::min(low.y, point.y), std::min(low.z, point.z)};
    high = {std::max(high.x, point.x), std::max(high.y, point.y), std::max(high.z, point.z)};
  }
  void add(const Box& other) {
    add(other.low);
    add(other.high);
  }
  bool fits() const {
    return high.x - low.x <= piece_edge_max_m && high.y - low.y <= piece_edge_max_m &&
           high.z - low.z <= piece_edge_max_m;
  }
  Box widened(double by) const {
    Box box = *this;
    box.low = low - Ecef{by, by, by};
    box.high = high + Ecef{by, by, by};
    return box;
  }
};

/// Some seconds of a path and a box around its points at these seconds.
struct Piece {
  Second slice = 0;
  std::uint32_t path = 0;
  Seconds seconds;
  Box box;
};

Second floor_divided(Second value, Second by) { return value >= 0 ? value / by : -((by - 1 - value) / by); }

/// Cuts a path into pieces, from one time on.
class PieceCutter {
 public:
  PieceCutter(std::uint32_t number, std::span<const PathPoint> path) : number_(number), path_(path) {}

  /// Appends the pieces that begin before `until`; a later call goes on there. Returns how many fixes it passed.
  std::size_t cut(Second until, std::vector<Piece>& pieces) {
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

  std::optional<Second> next_fix() const {
    return next_ < path_.size() ? std::optional(path_[next_].at) : std::nullopt;
  }

 private:
  /// The seconds strictly between two fixes, slice by slice.
  void add_between(const PathPoint& from, const PathPoint& to, std::vector<Piece>& pieces) {
    for (Second at = from.at + 1; at < to.at;) {
      const Second end = std::min(to.at - 1, (floor_divided(at, slice_seconds) + 1) * slice_seconds - 1);
      add_evenly({at, end}, from, to, pieces);
      at = end + 1;
    }
  }

  /// Seconds of even motion within a slice; halves them as long as they do not fit.
  void add_evenly(Seconds seconds, const PathPoint& from, const PathPoint& to, std::vector<Piece>& pieces) {
    const Ecef begin = between(from, to, seconds.from);
    const Ecef end = between(from, to, seconds.to);
    Box box;
    box.add(begin);
    box.add(end);
    if (box.fits() || seconds.count() == 1) {
      add(seconds, begin, end, pieces);
      return;
    }
    const Second middle = seconds.from + (seconds.to - seconds.from) / 2;
    add_evenly({seconds.from, middle}, from, to, pieces);
    add_evenly({middle + 1, seconds.to}, from, to, pieces);
  }

  void add(Seconds seconds, const Ecef& begin, const Ecef& end, std::vector<Piece>& pieces) {
    const Second slice = floor_divided(seconds.from, slice_seconds);
    Box box = open_.box;
    box.add(begin);
    box.add(end);
    if (!open_.seconds.empty() && slice == open_.slice && box.fits()) {
      open_.box = box;
      open_.seconds.to = seconds.to;
      return;
    }
    finish(pieces);
    open_ = {.slice = slice, .path = number_, .seconds = seconds, .box = {}};
    open_.box.add(begin);
    open_.box.add(end);
  }

  void finish(std::vector<Piece>& pieces) {
    if (!open_.seconds.empty()) pieces.push_back(open_);
    open_ = {};
  }

  const std::uint32_t number_;
  const std::span<const PathPoint> path_;
  std::size_t next_ = 0;
  Piece open_;
};

struct Cell {
  std::int64_t x = 0;
  std::int64_t y = 0;
  std::int64_t z = 0;

  friend auto operator<=>(const Cell&, const Cell&) = default;
};

Cell cell_of(const Ecef& point) {
  const auto number = [](double value) { return static_cast<std::int64_t>(std::floor(value / cell_edge_m)); };
  return {number(point.x), number(point.y), number(point.z)};
}

/// A cell as one number: 21 bits an axis hold 2^21 cells of 256 m, 80 times the earth.
std::uint64_t key_of(const Cell& cell) {
  constexpr std::int64_t middle = 1 << 20;
  const auto part = [](std::int64_t value) { return static_cast<std::uint64_t>(value + middle); };
  return part(cell.x) << 42 | part(cell.y) << 21 | part(cell.z);
}

struct Entry {
  std::uint64_t cell = 0;
  std::uint32_t piece = 0;

  friend bool operator<(const Entry& a, const Entry& b) {
    return a.cell != b.cell ? a.cell < b.cell : a.piece < b.piece;
  }
};

class SliceComparison {
 public:
  SliceComparison(std::span<const std::span<const PathPoint>> paths, const WalkRules& rules,
                  std::vector<NearRun>& found)
      : paths_(paths), rules_(rules), found_(found) {}

  /// Compares the pieces of one slice.
  void compare(std::span<Piece> pieces) {
    if (pieces.size() < 2) return;
    entries_.clear();
    const double reach = (rules_.near_m + rules_.allowance_max_m) / 2;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      pieces[i].box = pieces[i].box.widened(reach);
      enter(static_cast<std::uint32_t>(i), pieces[i].box);
    }
    std::sort(entries_.begin(), entries_.end());
    for (std::size_t first = 0; first < entries_.size();) {
      std::size_t end = first + 1;
      while (end < entries_.size() && entries_[end].cell == entries_[first].cell) ++end;
      for (std::size_t i = first; i < end; ++i) {
        for (std::size_t j = i + 1; j < end; ++j) {
          compare(entries_[first].cell, pieces[entries_[i].piece], pieces[entries_[j].piece]);
        }
      }
      first = end;
    }
  }

 private:
  void enter(std::uint32_t piece, const Box& box) {
    const Cell low = cell_of(box.low);
    const Cell high = cell_of(box.high);
    for (std::int64_t x = low.x; x <= high.x; ++x) {
      for (std::int64_t y = low.y; y <= high.y; ++y) {
        for (std::int64_t z = low.z; z <= high.z; ++z) entries_.push_back({key_of({x, y, z}), piece});
      }
    }
  }

  void compare(std::uint64_t cell, const Piece& a, const Piece& b) {
    if (a.path == b.path) return;
    const Seconds both{std::max(a.seconds.from, b.seconds.from), std::min(a.seconds.to, b.seconds.to)};
    if (both.empty()) return;
    const Ecef low{std::max(a.box.low.x, b.box.low.x), std::max(a.box.low.y, b.box.low.y),
                   std::max(a.box.low.z, b.box.low.z)};
    const Ecef high{std::min(a.box.high.x, b.box.high.x), std::min(a.box.high.y, b.box.high.y),
                    std::min(a.box.high.z, b.box.high.z)};
    if (low.x > high.x || low.y > high.y || low.z > high.z) return;
    if (key_of(cell_of(low)) != cell) return;  // they share other cells, and are compared in that one
    const Pair pair{std::min(a.path, b.path), std::max(a.path, b.path)};
    runs_.clear();
    near_runs(paths_[pair.a], paths_[pair.b], both, rules_, runs_);
    for (const Seconds& run : runs_) found_.push_back({pair, run});
  }

  const std::span<const std::span<const PathPoint>> paths_;
  const WalkRules& rules_;
  std::vector<NearRun>& found_;
  std::vector<Entry> entries_;
  std::vector<Seconds> runs_;
};

/// Compares the pieces of whole slices before `until`, and leaves the others.
void compare_until(Second until, std::vector<Piece>& pieces, SliceComparison& comparison) {
  std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return a.slice < b.slice; });
  auto first = pieces.begin();
  while (first != pieces.end() && (first->slice + 1) * slice_seconds <= until) {
    const auto end = std::find_if(first, pieces.end(), [&](const Piece& each) { return each.slice != first->slice; });
    comparison.compare({first, end});
    first = end;
  }
  pieces.erase(pieces.begin(), first);
}

}  // namespace

std::vector<NearRun> Encounters::find(const std::function<void(std::size_t)>& progress) const {
  using Waiting = std::pair<Second, std::uint32_t>;  // until when there is nothing of which path
  std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> waiting;
  std::vector<PieceCutter> cutters;
  for (std::uint32_t i = 0; i < paths_.size(); ++i) {
    cutters.emplace_back(i, paths_[i]);
    if (!paths_[i].empty()) waiting.emplace(paths_[i].front().at, i);
  }
  std::vector<NearRun> found;
  SliceComparison comparison(paths_, rules_, found);
  std::vector<Piece> pieces;
  std::size_t done = 0;
  while (!waiting.empty()) {
    const Second until = (floor_divided(waiting.top().first, chapter_seconds) + 1) * chapter_seconds;
    while (!waiting.empty() && waiting.top().first < until) {
      const std::uint32_t path = waiting.top().second;
      waiting.pop();
      done += cutters[path].cut(until, pieces);
      if (const auto next = cutters[path].next_fix()) waiting.emplace(*next, path);
    }
    compare_until(until, pieces, comparison);
    if (progress) progress(done);
  }
  compare_until(std::numeric_limits<Second>::max(), pieces, comparison);
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace packwalk
