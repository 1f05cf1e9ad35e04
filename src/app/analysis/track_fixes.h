// The fixes of which tracks, lengths, contacts and joint walks are made: all of a device but its outliers.
#pragma once

#include <vector>

#include "core/track/outlier.h"
#include "ports/analysis_store.h"

namespace packwalk {

/// Both in the order of time, and all of the range up to `until`.
struct TrackFixes {
  std::vector<PathFix> fixes;
  std::vector<PathFix> outliers;
  Second until = 0;
};

/// Of `range`, with the neighbours beyond its ends that decide which of its fixes are outliers: so what a fix is does
/// not depend on the range. `until` is the range's end, or earlier when there are more than `limit` fixes: then `limit`
/// of them or more were told apart.
Result<TrackFixes> read_track_fixes(AnalysisSnapshot& snapshot, DeviceNumber device, Seconds range,
                                    const OutlierRules& rules, std::size_t limit = AnalysisSnapshot::no_limit);

}  // namespace packwalk
