// Checks a Redis server.
#pragma once

#include <vector>

#include "adapters/redis/bus.h"
#include "base/finding.h"
#include "ports/clock.h"

namespace packwalk {

/// Checks the connection, the version and the clock.
std::vector<Finding> examine_redis(const BusOptions& options, Clock& clock);

}  // namespace packwalk
