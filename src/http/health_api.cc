#include "http/health_api.h"

#include <memory>

#include "http/problem.h"

namespace packwalk {

std::vector<Route> health_routes(HealthParts parts) {
  const std::vector<Method> get{Method::get};
  const auto healthz = [](const Request&, const Reply& reply) {
    reply({.content_type = "text/plain", .body = "ok\n"});
  };
  const auto readyz = [parts](const Request&, const Reply& reply) {
    if (parts.queue.depth(parts.clock.now()).failing) return reply(try_again("the last packets could not be kept", 5));
    reply({.content_type = "text/plain", .body = "ready\n"});
  };
  const auto metrics = [parts](const Request&, const Reply& reply) {
    const Metrics::Levels levels{parts.queue.depth(parts.clock.now()), parts.directory.size(), parts.positions.size(),
                                 parts.connections(), parts.pool.jobs()};
    reply({.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = parts.metrics.text(levels)});
  };
  return {{get, "/healthz", healthz}, {get, "/readyz", readyz}, {get, "/metrics", metrics}};
}

}  // namespace packwalk
