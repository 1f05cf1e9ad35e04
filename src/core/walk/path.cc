#include "core/walk/path.h"

#include <algorithm>

#include "core/track/track_cut.h"

namespace packwalk {

std::vector<PathPoint> path_of(std::span<const PathFix> fixes, std::span<const DeviceTime> sleeps,
                               const TrackRules& tracks, const WalkRules& walks) {
  const std::vector<bool> joined = joined_to_next(fixes, sleeps, tracks);
  std::vector<PathPoint> path;
  path.reserve(fixes.size());
  for (std::size_t i = 0; i < fixes.size(); ++i) {
    const PathFix& fix = fixes[i];
    path.push_back({.point = ecef_from(fix.position),
                    .at = seconds_since_1970(fix.timestamp),
                    .accuracy_m = accuracy_of(fix, tracks),
                    .moves_to_next = joined[i] && fixes[i + 1].timestamp - fix.timestamp <= walks.bridge});
  }
  return path;
}

std::size_t last_point_until(std::span<const PathPoint> path, Second at) {
  // Most ask near the beginning.
  std::size_t end = 1;
  while (end < path.size() && (path.begin() + static_cast<std::ptrdiff_t>(end))->at <= at) end *= 2;
  const auto first = path.begin() + static_cast<std::ptrdiff_t>(end / 2);
  const auto last = path.begin() + static_cast<std::ptrdiff_t>(std::min(end, path.size()));
  const auto after =
      std::upper_bound(first, last, at, [](Second time, const PathPoint& point) { return time < point.at; });
  return after == path.begin() ? path.size() : static_cast<std::size_t>(after - path.begin()) - 1;
}

std::optional<Whereabouts> whereabouts(std::span<const PathPoint> path, Second at) {
  const std::size_t i = last_point_until(path, at);
  if (i == path.size()) return std::nullopt;
  const PathPoint& from = path[i];
  if (from.at == at) return Whereabouts{from.point, from.accuracy_m};
  if (!from.moves_to_next) return std::nullopt;
  const PathPoint& to = path[i + 1];
  return Whereabouts{between(from, to, at), std::max(from.accuracy_m, to.accuracy_m)};
}

}  // namespace packwalk
