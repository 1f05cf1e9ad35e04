// Reads the fixes of a device, and marks the outliers.
#pragma once

#include <vector>

#include "core/track/outlier.h"
#include "ports/query_store.h"

namespace packwalk {

/// Fixes in `range`, by time. The mark does not depend on the range or the page: if a fix at an end may be an outlier,
/// its neighbours beyond are read too. The last fix of a device is never an outlier.
Result<std::vector<MarkedFix>> marked_fixes(QueryStore& store, DeviceNumber device, TimeRange range, Paging page,
                                            const OutlierRules& rules);

}  // namespace packwalk
