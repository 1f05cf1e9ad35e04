// What owners and operators ask: positions, fixes, messages, devices.
#pragma once

#include <vector>

#include "app/device_directory.h"
#include "app/live_positions.h"
#include "base/token.h"
#include "http/blocking_pool.h"
#include "http/router.h"
#include "ports/clock.h"
#include "ports/query_store.h"

namespace packwalk {

/// What the answers are made of; main owns all of it, and it outlives every request.
struct QueryParts {
  DeviceDirectory& directory;
  const LivePositions& positions;
  QueryStore& store;
  BlockingPool& pool;
  Clock& clock;
  TokenHash admin_token{};
};

/// GET /v1/positions, /v1/devices/{id}, and below it /position, /fixes, /messages (docs/api.md). All of them want the
/// administrator's token: Authorization: Bearer <token>.
std::vector<Route> query_routes(QueryParts parts);

}  // namespace packwalk
