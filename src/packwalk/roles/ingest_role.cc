#include "packwalk/roles/ingest_role.h"

#include <string>
#include <utility>

#include "app/ingest/run_ingest.h"
#include "packwalk/installation/log.h"
#include "packwalk/roles/queue_trouble.h"

namespace packwalk {

IngestRole::IngestRole(const Config& config, Shared& shared, IngestPorts ports)
    : batch_messages_max_(config.ingest.batch_messages_max),
      shared_(shared),
      source_(std::move(ports.source)),
      store_(std::move(ports.store)),
      live_(std::move(ports.live)),
      watched_(*source_),
      keeper_(std::move(ports.keeper), config.store.keep, shared.clock, shared.clock_alarm) {
  if (ports.archive) archiver_.emplace(*std::move(ports.archive), config.archive.copying, shared.clock);
}

Result<void> IngestRole::start() {
  thread_ = std::thread([this] { run(); });
  keeper_.start();
  if (archiver_) archiver_->start();
  return {};
}

void IngestRole::drain() {
  if (thread_.joinable()) thread_.join();
  keeper_.stop();
  if (archiver_) archiver_->stop();
}

void IngestRole::run() {
  run_ingest(watched_, *store_, *live_, batch_messages_max_, [this](const Result<IngestReport>& report) {
    shared_.metrics.count_batch(report);
    if (!report) log_error("commit_failed", {{"error", report.error().detail}});
  });
  watched_.end();
}

Readiness IngestRole::trouble() const {
  if (watched_.is_held_longer_than(silence_max)) {
    return {Lack::store, "a batch is being committed for " + std::to_string(silence_max.count()) + " s"};
  }
  return queue_trouble(*source_, shared_.clock.now());
}

void IngestRole::measure(Metrics::Levels& levels) const {
  levels.queue = source_->depth(shared_.clock.now());
  levels.oldest_event_age = keeper_.oldest_event_age();
  if (archiver_) levels.archive = archiver_->levels();
}

}  // namespace packwalk
