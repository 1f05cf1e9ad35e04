#include "api/health_api.h"

#include <utility>

#include "http/problem.h"

namespace packwalk {

namespace {

void healthz(const Request&, const Reply& reply) { reply({.content_type = "text/plain", .body = "ok\n"}); }

Handler readyz(FindReadiness find, bool says_why) {
  return [find = std::move(find), says_why](const Request&, const Reply& reply) {
    const Readiness found = find();
    if (found.lack == Lack::nothing) return reply({.content_type = "text/plain", .body = "ready\n"});
    std::string detail("not ready: ");
    detail.append(word_of(found.lack));
    if (says_why) detail.append(": ").append(found.why);
    reply(try_again(Problem::not_ready, detail));
  };
}

}  // namespace

std::string_view word_of(Lack lack) {
  switch (lack) {
    case Lack::nothing:
      break;
    case Lack::starting:
      return "starting";
    case Lack::stopping:
      return "stopping";
    case Lack::store:
      return "store";
    case Lack::queue:
      return "queue";
    case Lack::analysis:
      return "analysis";
  }
  return "";
}

std::vector<Route> health_routes(FindReadiness readiness) {
  const std::vector<Method> get{Method::get};
  return {{get, "/healthz", healthz}, {get, "/readyz", readyz(std::move(readiness), false)}};
}

std::vector<Route> ops_routes(OpsParts parts) {
  const std::vector<Method> get{Method::get};
  const auto metrics = [parts](const Request&, const Reply& reply) {
    reply({.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = parts.metrics.text(parts.levels())});
  };
  return {{get, "/healthz", healthz}, {get, "/readyz", readyz(parts.readiness, true)}, {get, "/metrics", metrics}};
}

}  // namespace packwalk
