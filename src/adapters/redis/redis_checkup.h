// Whether a Redis can do what Packwalk needs of it.
#pragma once

#include <vector>

#include "adapters/redis/bus.h"
#include "base/finding.h"
#include "ports/clock.h"

namespace packwalk {

/// Looks at who answers, its version and its clock.
std::vector<Finding> examine_redis(const BusOptions& options, Clock& clock);

}  // namespace packwalk
