// What whoever runs the server asks of it: is it alive, can it take packets, what has it counted.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "http/metrics.h"
#include "http/router.h"

namespace packwalk {

/// What the answers are made of; main owns all of it, and it outlives every request.
struct HealthParts {
  Metrics& metrics;
  std::function<Metrics::Levels()> levels;
  std::function<std::string()> trouble;  // why it is not ready; "" when it is
};

/// GET /healthz: 200 while the process answers. GET /readyz: 200 while its roles can be served, else 503 and why.
/// GET /metrics: Prometheus's text form. All of them without a token: they hold no secret and no place.
std::vector<Route> health_routes(HealthParts parts);

}  // namespace packwalk
