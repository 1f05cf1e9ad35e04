// The activity of a device per day, week or month, from its rows.
#pragma once

#include <span>
#include <vector>

#include "civil/periods.h"
#include "core/activity/period_sums.h"
#include "ports/query_store.h"

namespace packwalk {

/// The sums of adjoining periods, in the order of time (core/activity/period_sums.h). Reads rows in parts, so that
/// memory does not grow with the range.
Result<std::vector<PeriodSums>> sum_activity(QueryStore& store, DeviceNumber device, std::span<const Period> periods);

}  // namespace packwalk
