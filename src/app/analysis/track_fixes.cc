#include "app/analysis/track_fixes.h"

#include <algorithm>
#include <limits>

#include "core/walk/touched_seconds.h"

namespace packwalk {
namespace {

constexpr Seconds all_time{std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};

bool holds(Seconds range, const PathFix& fix) {
  const Second at = seconds_since_1970(fix.timestamp);
  return range.from <= at && at <= range.to;
}

void keep_within(std::vector<PathFix>& fixes, Seconds range) {
  std::erase_if(fixes, [&](const PathFix& fix) { return !holds(range, fix); });
}

}  // namespace

Result<TrackFixes> read_track_fixes(AnalysisSnapshot& snapshot, DeviceNumber device, Seconds range,
                                    const OutlierRules& rules, std::size_t limit) {
  Seconds with_neighbours = widened(range, rules.bridge);
  with_neighbours = {std::max(with_neighbours.from, all_time.from), std::min(with_neighbours.to, all_time.to)};
  // Fixes before the range are at least a second apart, and the last fix may lack its next neighbour.
  const bool is_limited = limit != AnalysisSnapshot::no_limit;
  if (is_limited) limit += static_cast<std::size_t>(rules.bridge.count()) + 1;
  auto read = snapshot.fixes(device, with_neighbours, limit);
  if (!read) return read.failure();
  if (is_limited && read->size() >= limit) {
    range.to = std::min(range.to, seconds_since_1970(read->back().timestamp) - 1);
  }
  TrackFixes found{.fixes = *std::move(read), .outliers = {}, .until = range.to};
  found.outliers = take_out(found.fixes, outliers_of(found.fixes, rules));
  keep_within(found.fixes, range);
  keep_within(found.outliers, range);
  return found;
}

}  // namespace packwalk
