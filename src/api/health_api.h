// Health and metrics, for the operator.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/metrics.h"
#include "http/router.h"

namespace packwalk {

/// What a server lacks to serve its roles: all that strangers are told.
enum class Lack { nothing, starting, stopping, store, queue, analysis };
std::string_view word_of(Lack lack);

struct Readiness {
  Lack lack = Lack::nothing;
  std::string why;  // in full, for operators and the log: it may name hosts and users

  friend bool operator==(const Readiness&, const Readiness&) = default;
};

/// Called for each request, so it must not block.
using FindReadiness = std::function<Readiness()>;

/// What the answers are made of; main owns all of it, and it outlives every request.
struct OpsParts {
  Metrics& metrics;
  std::function<Metrics::Levels()> levels;
  FindReadiness readiness;
};

/// For everybody. GET /healthz: 200 while the process answers. GET /readyz: 200 while its roles can be served, else
/// 503 and what is lacking, as a word of Lack.
std::vector<Route> health_routes(FindReadiness readiness);

/// For operators, on a listener of its own. The same, but /readyz says why; and GET /metrics: Prometheus's text form.
/// Without a token: they hold no secret and no place.
std::vector<Route> ops_routes(OpsParts parts);

}  // namespace packwalk
