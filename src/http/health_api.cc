#include "http/health_api.h"

#include <utility>

#include "http/problem.h"

namespace packwalk {

namespace {

constexpr int retry_soon_seconds = 5;

void healthz(const Request&, const Reply& reply) { reply({.content_type = "text/plain", .body = "ok\n"}); }

Handler readyz(Trouble trouble, bool says_why) {
  return [trouble = std::move(trouble), says_why](const Request&, const Reply& reply) {
    const std::string cause = trouble();
    if (cause.empty()) return reply({.content_type = "text/plain", .body = "ready\n"});
    reply(try_again(says_why ? cause : "not ready; ops.listen and the log say why", retry_soon_seconds));
  };
}

}  // namespace

std::vector<Route> health_routes(Trouble trouble) {
  const std::vector<Method> get{Method::get};
  return {{get, "/healthz", healthz}, {get, "/readyz", readyz(std::move(trouble), false)}};
}

std::vector<Route> ops_routes(OpsParts parts) {
  const std::vector<Method> get{Method::get};
  const auto metrics = [parts](const Request&, const Reply& reply) {
    reply({.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = parts.metrics.text(parts.levels())});
  };
  return {{get, "/healthz", healthz}, {get, "/readyz", readyz(parts.trouble, true)}, {get, "/metrics", metrics}};
}

}  // namespace packwalk
