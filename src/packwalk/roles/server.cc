#include "packwalk/roles/server.h"

#include <algorithm>
#include <iterator>
#include <new>
#include <utility>
#include <vector>

#include "adapters/system/process_usage.h"
#include "api/health_api.h"
#include "api/endpoints.h"
#include "app/ingest/run_ingest.h"
#include "doors/broker_auth.h"
#include "doors/device_doors.h"
#include "packwalk/installation/build.h"
#include "packwalk/installation/log.h"
#include "packwalk/installation/version.h"

namespace packwalk {
namespace {

constexpr std::chrono::seconds stop_grace{20};
constexpr std::chrono::seconds refresh_interval{1};
constexpr std::chrono::seconds keep_interval{600};
constexpr std::chrono::seconds untold_interval{5};  // while nobody tells positions, they are read anew

void append(std::vector<Route>& all, std::vector<Route> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

/// A body of the greatest size must always fit, beside what is kept for small ones.
BodyPool::Limits limits_of_bodies(const Config& config) {
  BodyPool::Limits limits;
  const std::size_t greatest = std::max(config.http.body_bytes_max, config.unpacked_bytes_max);
  limits.bytes_max = std::max(limits.bytes_max, greatest + greatest / 2);
  return limits;
}

void log_fault(const Fault& fault) {
  log_error("request_failed",
            {{"method", fault.method}, {"route", fault.pattern}, {"address", fault.address}, {"error", fault.what}});
}

}  // namespace

Server::Server(const Config& config, ServerParts parts)
    : config_(config),
      parts_(std::move(parts)),
      metrics_({version, std::string(build_commit()), parts_.role}),
      refusals_([this](const RefusalReport& report) { log_refusals(report); }),
      failed_log_ins_({.per_minute_max = config.failed_log_ins_max,
                       .refused =
                           [this](std::string_view door, LogInFailure cause, const std::string& address) {
                             metrics_.count_log_in_failure(name_of(cause));
                             note_refusal({door, name_of(cause), address});
                           }}),
      pool_(config.query_threads, config.queries_max),
      bodies_(limits_of_bodies(config)) {
  if (parts_.intake)
    packets_ = std::make_unique<AcceptPackets>(*parts_.intake, *parts_.clock, config.packets, config.device_limits);
}

Server::~Server() { stop(); }

Result<void> Server::start(const AdminToken& admin_token) {
  if (parts_.follow) {
    auto followed = parts_.follow(*this);
    if (!followed) return followed.failure();
    others_ = *std::move(followed);
  }
  if (auto done = catch_up(); !done && done.error().code != Errc::unavailable) return done;
  if (parts_.archive) {
    archiver_ = std::make_unique<Archiver>(*std::move(parts_.archive), config_.copying, *parts_.clock);
  }
  if (parts_.analysis_store) {
    analyst_ = std::make_unique<Analyst>(std::move(parts_.analysis_store), config_.analysis, *parts_.clock);
  }
  if (parts_.source) watched_ = std::make_unique<WatchedSource>(*parts_.source);  // before /readyz asks it
  if (auto started = listen(http_, config_.http, routes(admin_token)); !started) return started;
  if (auto started = listen_for_operators(); !started) return started;
  if (parts_.mqtt_door) {
    if (auto started = listen(mqtt_auth_, *config_.mqtt_auth, mqtt_auth_routes()); !started) return started;
  }
  if (watched_) ingest_ = std::thread([this] { ingest(); });
  ticker_ = std::make_unique<Ticker>(refresh_interval, Ticker::First::later, [this] {
    static_cast<void>(catch_up());
    watch_clock();
  });
  log_ticker_ =
      std::make_unique<Ticker>(refresh_interval, Ticker::First::later, [this, before = Readiness()]() mutable {
        log_readiness(before);
        refusals_.report_rest();
      });
  if (parts_.health) {
    refusal_keeper_ = std::make_unique<Ticker>(refresh_interval, Ticker::First::later,
                                               [this] { keep_device_refusals(Refusals::Due::after_a_minute); });
  }
  if (parts_.keeper) {
    keeper_ = std::make_unique<Ticker>(keep_interval, Ticker::First::at_once, [this] { keep_store(); });
  }
  return {};
}

Result<void> Server::listen(std::unique_ptr<HttpServer>& server, const ServerOptions& options,
                            std::vector<Route> routes) {
  auto count = metrics_.observer_of(routes);
  const auto unhandled = [this, hint = hint_of(routes)](const Unhandled& request) {
    const std::string about = hint.about(request.reason, request.path);
    note_refusal(
        {.door = "", .reason = request.reason, .address = request.address, .detail = about, .apart_by_detail = true});
  };
  server = std::make_unique<HttpServer>(options, Service{std::move(routes), std::move(count), log_fault, unhandled});
  auto started = server->start();
  if (!started) server.reset();
  return started;
}

/// Nobody chose the usual port, so another program may have it; then a free one serves as well.
Result<void> Server::listen_for_operators() {
  const auto routes = [this] {
    return ops_routes(
        {.metrics = metrics_, .levels = [this] { return levels(); }, .readiness = [this] { return readiness(); }});
  };
  ServerOptions options = config_.ops;
  auto started = listen(ops_, options, routes());
  if (started || config_.ops_is_chosen || started.error().code != Errc::unavailable) return started;
  options.port = 0;
  return listen(ops_, options, routes());
}

void Server::stop() {
  if (!http_) return;
  stopping_ = true;
  log_ticker_.reset();
  if (ops_) ops_->stop(stop_grace);
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
  bodies_.join();
  if (std::exchange(refusal_keeper_, nullptr)) keep_device_refusals(Refusals::Due::all);  // nobody is refused any more
  parts_.intake.reset();
  parts_.source.reset();
  mqtt_auth_.reset();
  ops_.reset();
  http_.reset();  // last: what the queue and the pool answered went through it
}

std::vector<Route> Server::routes(const AdminToken& admin_token) {
  DeviceDirectory& directory = *parts_.directory;
  std::vector<Route> all;
  if (packets_) append(all, door_routes());
  if (parts_.query_store) {
    append(all, api_routes({directory, positions_, *parts_.query_store, pool_, *parts_.clock, admin_token,
                              config_.analysis, config_.query_max, &failed_log_ins_}));
  }
  append(all, health_routes([this] { return readiness(); }));
  return all;
}

std::vector<Route> Server::door_routes() {
  return device_doors(
      {.packets = *packets_,
       .directory = *parts_.directory,
       .pool = pool_,
       .bodies = bodies_,
       .unpacked_bytes_max = config_.unpacked_bytes_max,
       .body_bytes_max = config_.http.body_bytes_max,
       .failed_log_ins = &failed_log_ins_,
       .limited = [this](std::string_view door, std::string_view limit) { metrics_.count_device_refusal(door, limit); },
       .refused = [this](const Refusal& refusal) { note_refusal(refusal); }});
}

std::vector<Route> Server::mqtt_auth_routes() {
  return broker_auth_routes(
      {*parts_.directory, pool_, *parts_.mqtt_door, config_.mqtt_auth_secret,
       [this](std::string_view question, std::string_view answer) { metrics_.count_mqtt_auth(question, answer); },
       [this](const Refusal& refusal) { note_refusal(refusal); }});
}

void Server::note_refusal(const Refusal& refusal) { refusals_.note(refusal, parts_.clock->now()); }

void Server::log_refusals(const RefusalReport& report) const {
  std::vector<LogField> fields;
  const auto add = [&](std::string_view name, std::string_view text) {
    if (!text.empty()) fields.emplace_back(name, text);
  };
  add("door", report.door);
  add("reason", report.reason);
  add("from", report.address);
  if (report.device) add("device", parts_.directory->id_ever_of(*report.device));
  add("detail", report.detail);
  fields.emplace_back("count", report.count);
  log_warning("refused", fields);
}

/// What the store does not take now is tried again a second later.
void Server::keep_device_refusals(Refusals::Due due) {
  const auto kept = refusals_.keep_device_refusals(
      [this](std::span<const DeviceRefusal> refusals) { return parts_.health->note(refusals); }, due);
  if (!kept && due == Refusals::Due::all) log_warning("refusals_not_kept", {{"error", kept.error().detail}});
}

Metrics::Levels Server::levels() const {
  const ServerTime now = parts_.clock->now();
  const QueueEnd* end = parts_.source ? static_cast<QueueEnd*>(parts_.source.get()) : parts_.intake.get();
  Metrics::Levels levels{.queue = end ? end->depth(now) : QueueDepth{},
                         .devices = parts_.directory->size(),
                         .positions = positions_.size(),
                         .connections = http_->connections(),
                         .request_bytes = http_->body_bytes(),
                         .response_bytes = http_->response_bytes(),
                         .pool_jobs = pool_.jobs(),
                         .bodies = bodies_.bodies(),
                         .questions = pool_.ends(),
                         .status_outbox_age = status_outbox_age()};
  if (archiver_) {
    const CopyLevels copying = archiver_->levels();
    levels.archive = Metrics::Levels::Copying{
        .backlog = copying.backlog.messages, .copied = copying.copied, .failures = copying.failures};
    if (copying.backlog.oldest) {
      levels.archive->oldest_age = std::max(now - *copying.backlog.oldest, std::chrono::microseconds(0));
    }
  }
  if (analyst_) levels.analysis = analyst_->levels();
  if (const auto usage = process_usage()) {
    levels.process = {.resident_bytes = usage->resident_bytes,
                      .open_files = usage->open_files,
                      .cpu_seconds = usage->cpu_seconds,
                      .started_at = usage->started_at};
  }
  return levels;
}

bool Server::positions_may_be_old() const {
  if (missed_) return true;
  const bool told = others_ ? others_->is_following() : parts_.source && config_.store_url.empty();
  return !told && std::chrono::steady_clock::now() - filled_at_ > untold_interval;
}

Result<void> Server::catch_up() {
  auto done = parts_.directory->refresh();
  if (done) parts_.store_answered->note();
  if (done && parts_.query_store && positions_may_be_old()) {
    missed_ = false;  // before it is read: what is missed meanwhile is read the next time
    filled_at_ = std::chrono::steady_clock::now();
    done = read_positions();
    if (!done && done.error().code == Errc::corrupt)
      done = name_impossible(done.error().detail);  // all others are there
    if (!done) missed_ = true;
  }
  const std::lock_guard lock(mutex_);
  has_asked_ = true;
  behind_ = done ? "" : done.error().detail;
  return done;
}

Result<void> Server::read_positions() {
  try {
    return positions_.fill_from(*parts_.query_store);
  } catch (const std::bad_alloc&) {
    return fail(Errc::unavailable, "There is no memory for the last positions.");
  }
}

/// Once for each.
Result<void> Server::name_impossible(const std::string& detail) {
  if (detail != named_impossible_) log_error("impossible_row", {{"error", detail}});
  named_impossible_ = detail;
  return {};
}

Readiness Server::readiness() const {
  if (stopping_) return {Lack::stopping, "it is stopping"};
  {
    const std::lock_guard lock(mutex_);
    if (!behind_.empty()) return {has_asked_ ? Lack::store : Lack::starting, behind_};
  }
  const std::string silence = " for " + std::to_string(silence_max.count()) + " s";
  if (!parts_.store_answered->is_within(silence_max)) return {Lack::store, "the store has answered nothing" + silence};
  if (watched_ && watched_->is_held_longer_than(silence_max)) {
    return {Lack::store, "a batch is being committed" + silence};
  }
  if (auto queue = queue_readiness(); queue.lack != Lack::nothing) return queue;
  const bool only_analyses = analyst_ && !parts_.intake && !parts_.source && !parts_.query_store;
  if (only_analyses) {
    if (const auto levels = analyst_->levels(); !levels.trouble.empty()) return {Lack::analysis, levels.trouble};
  }
  return {};
}

Readiness Server::queue_readiness() const {
  for (const QueueEnd* end :
       {static_cast<const QueueEnd*>(parts_.intake.get()), static_cast<const QueueEnd*>(parts_.source.get())}) {
    if (!end) continue;
    const QueueDepth depth = end->depth(parts_.clock->now());
    if (!depth.failing) continue;
    return {Lack::queue, "the last packets could not be kept" + (depth.why.empty() ? "" : ": " + depth.why)};
  }
  return {};
}

/// Once when it changes, and not each second.
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

void Server::publish(std::span<const DevicePosition> positions) {
  if (parts_.query_store) hear(positions);
  if (parts_.bus) parts_.bus->publish(positions);
}

/// Without memory for them all positions are forgotten, and read anew; what was committed stays so.
void Server::hear(std::span<const DevicePosition> positions) {
  try {
    positions_.publish(positions);
  } catch (const std::bad_alloc&) {
    missed_ = true;
  }
}
void Server::miss() { missed_ = true; }

/// Once for each time that it was set.
void Server::watch_clock() {
  const auto steady = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  if (const auto jump = clock_watch_.jump(parts_.clock->now(), steady)) {
    log_warning("clock_set", {{"seconds", std::chrono::duration<double>(*jump).count()},
                              {"reason", "the time of this machine jumped; ages and limits follow it"}});
  }
}

/// By a clock that has just gone far ahead nothing is too old: it may be wrong.
KeepRules Server::rules_to_keep() const {
  const std::lock_guard lock(mutex_);
  if (!clock_watch_.is_doubtful(std::chrono::steady_clock::now())) return config_.keep;
  KeepRules all = config_.keep;
  all.status_changes_days = 0;
  all.messages_days = 0;
  all.fixes_months = 0;
  return all;
}

void Server::keep_store() {
  watch_clock();
  const auto kept = parts_.keeper->keep(parts_.clock->now(), rules_to_keep());
  if (!kept) {
    log_warning("keep_failed", {{"error", kept.error().detail}});
    return;
  }
  oldest_status_change_ = kept->oldest_status_change.value_or(ServerTime::max());
  for (const std::string& name : kept->gone) log_info("no_longer_kept", {{"part", name}});
}

std::optional<std::chrono::microseconds> Server::status_outbox_age() const {
  if (!parts_.keeper) return std::nullopt;
  return std::max(parts_.clock->now() - oldest_status_change_.load(), std::chrono::microseconds(0));
}

void Server::ingest() {
  run_ingest(*watched_, *parts_.ingest_store, *this, config_.batch_messages_max,
             [this](const Result<IngestReport>& report) {
               metrics_.count_batch(report);
               if (!report) log_error("commit_failed", {{"error", report.error().detail}});
             });
  watched_->end();
}

}  // namespace packwalk
