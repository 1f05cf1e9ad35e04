#include "core/walk/place_cell.h"

#include <algorithm>

#include "core/walk/path_pieces.h"

namespace packwalk {
namespace {

std::vector<PlaceCell> cells_within(std::span<const PathPoint> path, Seconds window, double reach_m) {
  const Second first = slice_of(window.from, place_slice_length);
  PathCutter cutter(0, path);
  std::vector<PathPiece> pieces;
  std::vector<PlaceCell> cells;
  while (cutter.next() && *cutter.next() <= window.to) {
    const Second slice = slice_of(*cutter.next(), place_slice_length);
    pieces.clear();
    cutter.cut(std::min((slice + 1) * place_slice_length, window.to + 1), pieces);
    if (slice < first) continue;
    for (const PathPiece& piece : pieces) {
      each_space_cell(piece.box.widened(reach_m), [&](SpaceCell cell) { cells.push_back({slice, cell}); });
    }
  }
  std::sort(cells.begin(), cells.end());
  cells.erase(std::unique(cells.begin(), cells.end()), cells.end());
  return cells;
}

}  // namespace

std::vector<PlaceCell> place_cells_of(std::span<const PathPoint> path, Seconds window) {
  // The whole of the last slice.
  window.to = (slice_of(window.to, place_slice_length) + 1) * place_slice_length - 1;
  return cells_within(path, window, 0);
}

std::vector<PlaceCell> place_cells_near(std::span<const PathPoint> path, Seconds window, const WalkRules& rules) {
  return cells_within(path, window, box_reach_m(rules));
}

}  // namespace packwalk
