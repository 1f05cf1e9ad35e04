// Reads the fixes of a device, and marks the outliers.
#pragma once

#include <vector>

#include "core/track/outlier.h"
#include "ports/query_store.h"

namespace packwalk {

/// At most `limit` fixes in `range`, by time. The mark does not depend on the range or the limit: if a fix at an end
/// may be an outlier, its neighbours beyond are read too. The last fix of a device is never an outlier.
Result<std::vector<MarkedFix>> marked_fixes(QueryStore& store, DeviceNumber device, TimeRange range, std::size_t limit,
                                            const OutlierRules& rules);

}  // namespace packwalk
