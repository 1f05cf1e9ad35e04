#include "packwalk/roles/listeners.h"

#include <string>
#include <utility>

#include "packwalk/installation/log.h"
#include "packwalk/roles/request_log.h"

namespace packwalk {

Result<HttpServer*> Listeners::open(const ServerOptions& options, std::vector<Route> routes) {
  auto count = shared_.metrics.observer_of(routes);
  const auto unhandled = [&refusals = shared_.refusals, hint = hint_of(routes)](const Unhandled& request) {
    const std::string about = hint.about(request.reason, request.path);
    refusals.note(
        {.door = "", .reason = request.reason, .address = request.address, .detail = about, .apart_by_detail = true});
  };
  if (logs_debug()) {
    count = [count = std::move(count)](const AnsweredRequest& answered) {
      count(answered);
      log_answer(answered);
    };
  }
  auto server =
      std::make_unique<HttpServer>(options, Service{std::move(routes), std::move(count), log_fault, unhandled});
  if (auto started = server->start(); !started) return started.failure();
  return open_.emplace_back(std::move(server)).get();
}

void Listeners::stop(std::chrono::seconds grace) {
  for (auto each = open_.rbegin(); each != open_.rend(); ++each) (*each)->stop(grace);
}

}  // namespace packwalk
