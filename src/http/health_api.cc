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
    if (const std::string trouble = parts.trouble(); !trouble.empty()) return reply(try_again(trouble, 5));
    reply({.content_type = "text/plain", .body = "ready\n"});
  };
  const auto metrics = [parts](const Request&, const Reply& reply) {
    reply({.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = parts.metrics.text(parts.levels())});
  };
  return {{get, "/healthz", healthz}, {get, "/readyz", readyz}, {get, "/metrics", metrics}};
}

}  // namespace packwalk
