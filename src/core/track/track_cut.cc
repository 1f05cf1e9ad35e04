#include "core/track/track_cut.h"

#include <algorithm>
#include <cassert>

#include "core/track/track_fold.h"

namespace packwalk {

std::vector<bool> joined_to_next(std::span<const PathFix> fixes, std::span<const DeviceTime> sleeps,
                                 const TrackRules& rules) {
  assert(std::is_sorted(sleeps.begin(), sleeps.end()));
  std::vector<bool> joined(fixes.size());
  std::size_t sleep = 0;
  for (std::size_t i = 0; i + 1 < fixes.size(); ++i) {
    const DeviceTime from = fixes[i].timestamp;
    const DeviceTime to = fixes[i + 1].timestamp;
    assert(from < to);
    while (sleep < sleeps.size() && sleeps[sleep] <= from) ++sleep;
    const bool slept = sleep < sleeps.size() && sleeps[sleep] < to;
    joined[i] = to - from <= rules.gap && !slept;
  }
  return joined;
}

std::vector<Track> tracks_of(std::span<const PathFix> fixes, std::span<const DeviceTime> sleeps,
                             const TrackRules& rules) {
  const std::vector<bool> joined = joined_to_next(fixes, sleeps, rules);
  std::vector<Track> tracks;
  std::size_t first = 0;
  for (std::size_t i = 0; i < fixes.size(); ++i) {
    if (joined[i]) continue;
    TrackFold fold(rules);
    for (const PathFix& fix : fixes.subspan(first, i + 1 - first)) fold.add(fix);
    tracks.push_back(fold.track());
    first = i + 1;
  }
  return tracks;
}

}  // namespace packwalk
