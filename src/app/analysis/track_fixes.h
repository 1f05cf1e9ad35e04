// The fixes from which tracks, lengths, contacts and joint walks derive: all of a device except outliers.
#pragma once

#include <vector>

#include "core/track/outlier.h"
#include "ports/analysis_store.h"

namespace packwalk {

/// Both in the order of time, and complete up to `until`.
struct TrackFixes {
  std::vector<PathFix> fixes;
  std::vector<PathFix> outliers;
  Second until = 0;
};

/// Reads the fixes of `range`, and the neighbours beyond its ends that determine its outliers, so that the result does
/// not depend on the range. `until` is the end of the range, or earlier if there are more than `limit` fixes; then at
/// least `limit` of them were classified.
Result<TrackFixes> read_track_fixes(AnalysisSnapshot& snapshot, DeviceNumber device, Seconds range,
                                    const OutlierRules& rules, std::size_t limit = AnalysisSnapshot::no_limit);

}  // namespace packwalk
