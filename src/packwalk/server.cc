#include "packwalk/server.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "app/run_ingest.h"
#include "http/broker_auth.h"
#include "http/device_doors.h"
#include "http/health_api.h"
#include "http/query_api.h"

namespace packwalk {
namespace {

constexpr std::chrono::seconds stop_grace{20};
constexpr std::chrono::seconds refresh_interval{1};
constexpr std::chrono::seconds keep_interval{600};
constexpr std::chrono::seconds untold_interval{5};  // while nobody tells positions, they are read anew

void append(std::vector<Route>& all, std::vector<Route> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

Server::Server(const Config& config, ServerParts parts)
    : config_(config), parts_(std::move(parts)), pool_(config.query_threads, config.queries_max) {
  if (parts_.intake) packets_ = std::make_unique<AcceptPackets>(*parts_.intake, *parts_.clock, config.packets);
}

Server::~Server() { stop(); }

Result<void> Server::start(const std::string& admin_token) {
  if (parts_.follow) {
    auto followed = parts_.follow(*this);
    if (!followed) return tl::unexpected(std::move(followed.error()));
    others_ = *std::move(followed);
  }
  if (auto done = catch_up(); !done && done.error().code != Errc::unavailable) return done;
  if (parts_.archive) {
    archiver_ = std::make_unique<Archiver>(*std::move(parts_.archive), config_.copying, *parts_.clock);
  }
  if (parts_.analysis_store) {
    analyst_ = std::make_unique<Analyst>(std::move(parts_.analysis_store), config_.analysis, *parts_.clock);
  }
  if (auto started = listen(http_, config_.http, routes(admin_token)); !started) return started;
  if (parts_.mqtt_door) {
    if (auto started = listen(mqtt_auth_, *config_.mqtt_auth, mqtt_auth_routes()); !started) return started;
  }
  if (parts_.source) ingest_ = std::thread([this] { ingest(); });
  ticker_ = std::make_unique<Ticker>(refresh_interval, Ticker::First::later, [this, before = std::string()]() mutable {
    static_cast<void>(catch_up());
    log_readiness(before);
  });
  if (parts_.keeper) {
    keeper_ = std::make_unique<Ticker>(keep_interval, Ticker::First::at_once, [this] { keep_store(); });
  }
  return {};
}

Result<void> Server::listen(std::unique_ptr<HttpServer>& server, const ServerOptions& options,
                            std::vector<Route> routes) {
  const auto count = [this](std::string_view pattern, int status) { metrics_.count_request(pattern, status); };
  server = std::make_unique<HttpServer>(
      options, Service{make_router(std::move(routes), count), [count](int status) { count("", status); }});
  auto started = server->start();
  if (!started) server.reset();
  return started;
}

void Server::stop() {
  if (!http_) return;
  if (mqtt_auth_) mqtt_auth_->stop(stop_grace);
  http_->stop(stop_grace);
  if (parts_.intake) parts_.intake->close();
  if (parts_.source) parts_.source->close();
  if (ingest_.joinable()) ingest_.join();
  ticker_.reset();  // asks the others how they are
  keeper_.reset();
  archiver_.reset();
  analyst_.reset();
  others_.reset();
  pool_.join();
  parts_.intake.reset();
  parts_.source.reset();
  mqtt_auth_.reset();
  http_.reset();  // last: what the queue and the pool answered went through it
}

std::vector<Route> Server::routes(const std::string& admin_token) {
  DeviceDirectory& directory = *parts_.directory;
  std::vector<Route> all;
  if (packets_)
    append(all, device_doors({*packets_, directory, pool_, config_.unpacked_bytes_max, config_.http.body_bytes_max}));
  if (parts_.query_store) {
    append(all, query_routes({directory, positions_, *parts_.query_store, pool_, *parts_.clock,
                              hash_of_token(admin_token), config_.analysis.tracks.gap, config_.query_max}));
  }
  append(all,
         health_routes(
             {.metrics = metrics_, .levels = [this] { return levels(); }, .trouble = [this] { return trouble(); }}));
  return all;
}

std::vector<Route> Server::mqtt_auth_routes() {
  return broker_auth_routes(
      {*parts_.directory, pool_, *parts_.mqtt_door,
       [this](std::string_view question, std::string_view answer) { metrics_.count_mqtt_auth(question, answer); }});
}

Metrics::Levels Server::levels() const {
  const ServerTime now = parts_.clock->now();
  const QueueEnd* end = parts_.source ? static_cast<QueueEnd*>(parts_.source.get()) : parts_.intake.get();
  Metrics::Levels levels{.queue = end ? end->depth(now) : QueueDepth{},
                         .devices = parts_.directory->size(),
                         .positions = positions_.size(),
                         .connections = http_->connections(),
                         .pool_jobs = pool_.jobs(),
                         .questions = pool_.ends(),
                         .status_outbox_age = status_outbox_age()};
  if (archiver_) {
    const CopyLevels copying = archiver_->levels();
    levels.archive = Metrics::Levels::Copying{
        .backlog = copying.backlog.messages, .copied = copying.copied, .failures = copying.failures};
    if (copying.backlog.oldest) levels.archive->oldest_age = now - *copying.backlog.oldest;
  }
  if (analyst_) levels.analysis = analyst_->levels();
  return levels;
}

bool Server::positions_may_be_old() const {
  if (missed_) return true;
  const bool told = others_ ? others_->is_following() : parts_.source && config_.store_url.empty();
  return !told && std::chrono::steady_clock::now() - filled_at_ > untold_interval;
}

Result<void> Server::catch_up() {
  auto done = parts_.directory->refresh();
  if (done && parts_.query_store && positions_may_be_old()) {
    missed_ = false;  // before it is read: what is missed meanwhile is read the next time
    filled_at_ = std::chrono::steady_clock::now();
    done = positions_.fill_from(*parts_.query_store);
    if (!done) missed_ = true;
  }
  const std::lock_guard lock(mutex_);
  behind_ = done ? "" : done.error().detail;
  return done;
}

std::string Server::trouble() const {
  for (const QueueEnd* end :
       {static_cast<const QueueEnd*>(parts_.intake.get()), static_cast<const QueueEnd*>(parts_.source.get())}) {
    if (!end) continue;
    const QueueDepth depth = end->depth(parts_.clock->now());
    if (depth.failing) return "the last packets could not be kept" + (depth.why.empty() ? "" : ": " + depth.why);
  }
  const bool only_analyses = analyst_ && !parts_.intake && !parts_.source && !parts_.query_store;
  if (only_analyses) {
    if (const auto levels = analyst_->levels(); !levels.trouble.empty()) return "analysis: " + levels.trouble;
  }
  const std::lock_guard lock(mutex_);
  return behind_;
}

/// Once when it changes, and not each second.
void Server::log_readiness(std::string& before) const {
  std::string now = trouble();
  if (now == before) return;
  if (now.empty()) {
    spdlog::info("event=ready");
  } else {
    spdlog::warn("event=not_ready reason=\"{}\"", now);
  }
  before = std::move(now);
}

void Server::publish(std::span<const DevicePosition> positions) {
  if (parts_.query_store) positions_.publish(positions);
  if (parts_.bus) parts_.bus->publish(positions);
}

void Server::hear(std::span<const DevicePosition> positions) { positions_.publish(positions); }
void Server::miss() { missed_ = true; }

void Server::keep_store() {
  const auto kept = parts_.keeper->keep(parts_.clock->now(), config_.keep);
  if (!kept) {
    spdlog::warn("event=keep_failed error=\"{}\"", kept.error().detail);
    return;
  }
  oldest_status_change_ = kept->oldest_status_change.value_or(ServerTime::max());
  for (const std::string& name : kept->gone) spdlog::info("event=no_longer_kept part={}", name);
}

std::optional<std::chrono::microseconds> Server::status_outbox_age() const {
  if (!parts_.keeper) return std::nullopt;
  return std::max(parts_.clock->now() - oldest_status_change_.load(), std::chrono::microseconds(0));
}

void Server::ingest() {
  run_ingest(*parts_.source, *parts_.ingest_store, *this, config_.batch_messages_max,
             [this](const Result<IngestReport>& report) {
               metrics_.count_batch(report);
               if (!report) spdlog::error("event=commit_failed error=\"{}\"", report.error().detail);
             });
}

}  // namespace packwalk
