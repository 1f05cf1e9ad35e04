// The whole API: one table.
#pragma once

#include <span>
#include <vector>

#include "api/endpoint.h"

namespace packwalk {

std::span<const Endpoint> endpoints();

/// They take no body: one that is announced is refused.
std::vector<Route> api_routes(const ApiParts& parts);

}  // namespace packwalk
