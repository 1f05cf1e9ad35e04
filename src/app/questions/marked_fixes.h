// The fixes of a device for whoever asks for them, with the mark of those that are outliers.
#pragma once

#include <vector>

#include "core/track/outlier.h"
#include "ports/query_store.h"

namespace packwalk {

/// Fixes in `range`, by time. Whether one is an outlier does not depend on the range or the page: where a fix at an end
/// may be one, its neighbours beyond are read too. A fix without a later one is none yet.
Result<std::vector<MarkedFix>> marked_fixes(QueryStore& store, DeviceNumber device, TimeRange range, Paging page,
                                            const OutlierRules& rules);

}  // namespace packwalk
