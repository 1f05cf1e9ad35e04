#include "packwalk/roles/listeners.h"

#include <string>
#include <utility>

#include "packwalk/installation/log.h"
#include "packwalk/roles/request_log.h"

namespace packwalk {

Result<HttpServer*> Listeners::open(std::string_view name, const ServerOptions& options, std::vector<Route> routes) {
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
  return start(
      name, std::make_unique<HttpServer>(options, Service{std::move(routes), std::move(count), log_fault, unhandled}));
}

Result<void> Listeners::open(OwnListener own) {
  if (auto* const http = std::get_if<OwnRoutes>(&own.serves)) {
    if (auto opened = open(own.name, http->options, std::move(http->routes)); !opened) return opened.failure();
    return {};
  }
  auto& protocol = std::get<OwnProtocol>(own.serves);
  const auto report = [](std::string_view what) {
    log_fault({.method = "", .pattern = "", .address = "", .what = what});
  };
  auto listener =
      std::make_unique<Listener>(protocol.options, ListenerParts{.make = std::move(protocol.make), .report = report});
  if (auto opened = start(own.name, std::move(listener)); !opened) return opened.failure();
  return {};
}

/// Adds it before its threads run, which may call levels().
template <class OfKind>
Result<OfKind*> Listeners::start(std::string_view name, std::unique_ptr<OfKind> listener) {
  OfKind* const added = listener.get();
  open_.push_back({name, std::move(listener)});
  if (auto started = added->start(); !started) {
    open_.pop_back();
    return started.failure();
  }
  return added;
}

std::vector<Levels::Listener> Listeners::levels() const {
  std::vector<Levels::Listener> levels;
  for (const Open& each : open_) {
    levels.push_back(
        {each.name, std::visit([](const auto& listener) { return listener->connections(); }, each.listener)});
  }
  return levels;
}

void Listeners::stop(std::chrono::seconds grace) {
  for (auto each = open_.rbegin(); each != open_.rend(); ++each) {
    std::visit([&](const auto& listener) { listener->stop(grace); }, each->listener);
  }
}

}  // namespace packwalk
