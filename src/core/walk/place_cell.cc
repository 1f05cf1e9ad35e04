#include "core/walk/place_cell.h"

#include <algorithm>

#include "core/walk/path_pieces.h"

namespace packwalk {
namespace {

std::vector<PlaceCell> cells_within(std::span<const PathPoint> path, Seconds window, double reach_m) {
  std::vector<PathPiece> pieces;
  PathCutter(0, path, place_slice_length).cut(window.to + 1, pieces);
  const Second first = slice_of(window.from, place_slice_length);
  const Second last = slice_of(window.to, place_slice_length);
  std::vector<PlaceCell> cells;
  for (const PathPiece& piece : pieces) {
    if (piece.slice < first || piece.slice > last) continue;
    each_space_cell(piece.box.widened(reach_m), [&](SpaceCell cell) { cells.push_back({piece.slice, cell}); });
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
