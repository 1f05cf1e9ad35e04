// What owners and operators ask: positions, fixes, messages, devices, tracks, activity, walks.
#pragma once

#include <vector>

#include "api/question.h"
#include "http/router.h"

namespace packwalk {

/// GET /v1/positions, /v1/devices/{id}, and below it /position, /fixes, /messages, /tracks, /activity, /companions,
/// /v1/joint-walks and /v1/pack-walks (docs/api.md). All of them want the administrator's token: Authorization: Bearer
/// <token>.
std::vector<Route> query_routes(QueryParts parts);

}  // namespace packwalk
