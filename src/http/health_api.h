// What whoever runs the server asks of it: is it alive, can it take packets, what has it counted.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "http/metrics.h"
#include "http/router.h"

namespace packwalk {

/// Why the server is not ready; "" when it is.
using Trouble = std::function<std::string()>;

/// What the answers are made of; main owns all of it, and it outlives every request.
struct OpsParts {
  Metrics& metrics;
  std::function<Metrics::Levels()> levels;
  Trouble trouble;
};

/// For everybody. GET /healthz: 200 while the process answers. GET /readyz: 200 while its roles can be served, else
/// 503, without the cause, which may name hosts and users.
std::vector<Route> health_routes(Trouble trouble);

/// For operators, on a listener of its own. The same, but /readyz says why; and GET /metrics: Prometheus's text form.
/// Without a token: they hold no secret and no place.
std::vector<Route> ops_routes(OpsParts parts);

}  // namespace packwalk
