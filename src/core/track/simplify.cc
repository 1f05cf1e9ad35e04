#include "core/track/simplify.h"

#include <algorithm>
#include <utility>

#include "core/geo/ecef.h"

namespace packwalk {
namespace {

double distance_to_segment(const Ecef& point, const Ecef& from, const Ecef& to) {
  const Ecef along = to - from;
  const double length_squared = dot(along, along);
  const double share = length_squared > 0 ? std::clamp(dot(point - from, along) / length_squared, 0.0, 1.0) : 0;
  return norm(point - (from + along * share));
}

/// Marks what is kept strictly between `first` and `last`. A stack of its own: a line may be as deep as it is long.
void keep_between(std::span<const Ecef> line, std::size_t first, std::size_t last, double tolerance_m,
                  std::vector<bool>& kept) {
  std::vector<std::pair<std::size_t, std::size_t>> parts{{first, last}};
  while (!parts.empty()) {
    const auto [from, to] = parts.back();
    parts.pop_back();
    std::size_t farthest = from;
    double distance = tolerance_m;
    for (std::size_t i = from + 1; i < to; ++i) {
      const double each = distance_to_segment(line[i], line[from], line[to]);
      if (each > distance) {
        distance = each;
        farthest = i;
      }
    }
    if (farthest == from) continue;
    kept[farthest] = true;
    parts.emplace_back(from, farthest);
    parts.emplace_back(farthest, to);
  }
}

}  // namespace

std::vector<std::size_t> simplified(std::span<const LatLon> line, double tolerance_m) {
  std::vector<Ecef> points;
  points.reserve(line.size());
  for (const LatLon& place : line) points.push_back(ecef_from(place));

  std::vector<bool> kept(points.size());
  for (std::size_t first = 0; first < points.size(); first += simplified_block) {
    const std::size_t last = std::min(first + simplified_block, points.size() - 1);
    kept[first] = kept[last] = true;
    keep_between(points, first, last, tolerance_m, kept);
  }
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (kept[i]) indices.push_back(i);
  }
  return indices;
}

}  // namespace packwalk
