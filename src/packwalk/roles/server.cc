#include "packwalk/roles/server.h"

#include <chrono>
#include <iterator>
#include <utility>

#include "adapters/system/process_usage.h"
#include "packwalk/installation/log.h"

namespace packwalk {
namespace {

constexpr std::chrono::seconds stop_grace{20};
constexpr std::chrono::seconds refresh_interval{1};

void append(std::vector<Route>& all, std::vector<Route> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

Server::Server(const HttpSection& http, const OpsSection& ops, Shared& shared, std::vector<std::unique_ptr<Role>> roles)
    : http_options_(http), ops_options_(ops), shared_(shared), roles_(std::move(roles)), listeners_(shared) {}

Result<void> Server::start() {
  auto started = start_all();
  if (!started) stop();
  return started;
}

Result<void> Server::start_all() {
  if (auto done = catch_up(); !done && done.error().code != Errc::unavailable) return done;
  if (auto opened = open_listeners(); !opened) return opened;
  for (const auto& role : roles_) {
    if (auto started = role->start(); !started) return started;
    ++started_;
  }
  shared_.refusals.start();
  ticker_ = std::make_unique<Ticker>(refresh_interval, Ticker::First::later, [this] {
    static_cast<void>(catch_up());
    shared_.clock_alarm.look();
  });
  log_ticker_ =
      std::make_unique<Ticker>(refresh_interval, Ticker::First::later, [this, before = Readiness()]() mutable {
        log_readiness(before);
        shared_.refusals.report_rest();
      });
  return {};
}

Result<void> Server::open_listeners() {
  std::vector<Route> routes;
  for (const auto& role : roles_) append(routes, role->routes());
  append(routes, health_routes([this] { return readiness(); }));
  const auto http = listeners_.open("http.listen", http_options_, std::move(routes));
  if (!http) return http.failure();
  http_ = *http;
  for (const auto& role : roles_) {
    for (OwnListener& own : role->own_listeners()) {
      if (auto opened = listeners_.open(std::move(own)); !opened) return opened;
    }
  }
  const auto ops = open_ops_listener();
  if (!ops) return ops.failure();
  ops_ = *ops;
  return {};
}

/// The default port was not chosen on purpose. If it is in use, a free port will do.
Result<HttpServer*> Server::open_ops_listener() {
  const auto routes = [this] {
    return ops_routes({.metrics = shared_.metrics,
                       .levels = [this] { return levels(); },
                       .readiness = [this] { return readiness(); }});
  };
  ServerOptions options = ops_options_;
  auto opened = listeners_.open("ops.listen", options, routes());
  if (opened || ops_options_.is_chosen || opened.error().code != Errc::unavailable) return opened;
  options.port = 0;
  return listeners_.open("ops.listen", options, routes());
}

void Server::stop() {
  if (stopping_.exchange(true)) return;
  log_ticker_.reset();
  listeners_.stop(stop_grace);
  for (std::size_t i = 0; i < started_; ++i) roles_[i]->refuse();
  for (std::size_t i = started_; i-- > 0;) roles_[i]->drain();
  ticker_.reset();  // not earlier, because the roles may use the answer times of the store
  shared_.pool.join();
  shared_.refusals.end();  // requests can no longer be refused
  while (!roles_.empty()) roles_.pop_back();
  listeners_.clear();  // last, because answers of the queue and the pool went through them
}

Result<void> Server::catch_up() {
  auto done = catch_up_all();
  const std::lock_guard lock(mutex_);
  has_asked_ = true;
  behind_ = done ? "" : done.error().detail;
  return done;
}

Result<void> Server::catch_up_all() {
  if (auto refreshed = shared_.directory.refresh(); !refreshed) return refreshed;
  shared_.store_answered.note();
  for (const auto& role : roles_) {
    if (auto done = role->catch_up(); !done) return done;
  }
  return {};
}

/// Uses the time of the last answer of each server that the roles need, and never blocks, so that it is right even if
/// the threads that query these servers hang.
Readiness Server::readiness() const {
  if (stopping_) return {Lack::stopping, "the server is stopping"};
  {
    const std::lock_guard lock(mutex_);
    if (!behind_.empty()) return {has_asked_ ? Lack::store : Lack::starting, behind_};
  }
  if (!shared_.store_answered.is_within(silence_max)) {
    return {Lack::store, "the store has not answered for " + std::to_string(silence_max.count()) + " s"};
  }
  for (auto role = roles_.rbegin(); role != roles_.rend(); ++role) {
    if (Readiness found = (*role)->trouble(); found.lack != Lack::nothing) return found;
  }
  return {};
}

/// Logs changes only.
void Server::log_readiness(Readiness& before) const {
  Readiness now = readiness();
  if (now == before) return;
  if (now.lack == Lack::nothing) {
    log_info("ready");
  } else {
    log_warning("not_ready", {{"lack", word_of(now.lack)}, {"reason", now.why}});
  }
  before = std::move(now);
}

Metrics::Levels Server::levels() const {
  Metrics::Levels levels{.devices = shared_.directory.size(),
                         .listeners = listeners_.levels(),
                         .request_bytes = http_->body_bytes(),
                         .response_bytes = http_->response_bytes(),
                         .pool_jobs = shared_.pool.jobs(),
                         .questions = shared_.pool.ends()};
  for (const auto& role : roles_) role->measure(levels);
  if (const auto usage = process_usage()) {
    levels.process = {.resident_bytes = usage->resident_bytes,
                      .open_files = usage->open_files,
                      .cpu_seconds = usage->cpu_seconds,
                      .started_at = usage->started_at};
  }
  return levels;
}

}  // namespace packwalk
