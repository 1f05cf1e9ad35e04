#include "core/walk/encounters.h"

#include <algorithm>
#include <map>

#include "core/walk/path_pieces.h"

namespace packwalk {
namespace {

constexpr Second slice_seconds = 64;

struct Entry {
  SpaceCell cell = 0;
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
  void compare(std::span<PathPiece> pieces) {
    if (pieces.size() < 2) return;
    entries_.clear();
    const double reach = box_reach_m(rules_) / 2;
    std::uint32_t number = 0;
    for (PathPiece& piece : pieces) {
      piece.box = piece.box.widened(reach);
      enter(number++, piece.box);
    }
    std::sort(entries_.begin(), entries_.end());
    const auto piece_of = [&](const Entry& entry) -> const PathPiece& { return *(pieces.begin() + entry.piece); };
    for (auto first = entries_.begin(); first != entries_.end();) {
      const auto end =
          std::find_if(first, entries_.end(), [&](const Entry& entry) { return entry.cell != first->cell; });
      for (auto a = first; a != end; ++a) {
        for (auto b = a + 1; b != end; ++b) compare(first->cell, piece_of(*a), piece_of(*b));
      }
      first = end;
    }
  }

 private:
  void enter(std::uint32_t piece, const SpaceBox& box) {
    each_space_cell(box, [&](SpaceCell cell) { entries_.push_back({cell, piece}); });
  }

  void compare(SpaceCell cell, const PathPiece& a, const PathPiece& b) {
    if (a.path == b.path) return;
    const Seconds both{std::max(a.seconds.from, b.seconds.from), std::min(a.seconds.to, b.seconds.to)};
    if (both.empty()) return;
    const Ecef low{std::max(a.box.low.x, b.box.low.x), std::max(a.box.low.y, b.box.low.y),
                   std::max(a.box.low.z, b.box.low.z)};
    const Ecef high{std::min(a.box.high.x, b.box.high.x), std::min(a.box.high.y, b.box.high.y),
                    std::min(a.box.high.z, b.box.high.z)};
    if (low.x > high.x || low.y > high.y || low.z > high.z) return;
    if (space_cell_of(low) != cell) return;  // they share other cells, and are compared in that one
    if (a.path > b.path) return find(b, a, both);
    find(a, b, both);
  }

  void find(const PathPiece& a, const PathPiece& b, Seconds both) {
    runs_.clear();
    near_runs(paths_[a.path].subspan(a.fix), paths_[b.path].subspan(b.fix), both, rules_, runs_);
    for (const Seconds& run : runs_) found_.push_back({{a.path, b.path}, run});
  }

  const std::span<const std::span<const PathPoint>> paths_;
  const WalkRules& rules_;
  std::vector<NearRun>& found_;
  std::vector<Entry> entries_;
  std::vector<Seconds> runs_;
};

}  // namespace

std::vector<NearRun> Encounters::find(const std::function<void(std::size_t)>& progress) const {
  std::map<Second, std::vector<std::uint32_t>> waiting;  // for a slice: the paths that go on in it
  std::vector<PathCutter> cutters;
  const auto wait = [&](std::uint32_t path) {
    if (const auto next = cutters[path].next()) waiting[slice_of(*next, slice_seconds)].push_back(path);
  };
  for (std::uint32_t i = 0; i < paths_.size(); ++i) {
    cutters.emplace_back(i, paths_[i]);
    wait(i);
  }
  std::vector<NearRun> found;
  SliceComparison comparison(paths_, rules_, found);
  std::vector<PathPiece> pieces;
  std::size_t done = 0;
  while (!waiting.empty()) {
    const auto slice = waiting.extract(waiting.begin());
    pieces.clear();
    for (const std::uint32_t path : slice.mapped()) {
      done += cutters[path].cut((slice.key() + 1) * slice_seconds, pieces);
      wait(path);
    }
    comparison.compare(pieces);
    if (progress) progress(done);
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace packwalk
