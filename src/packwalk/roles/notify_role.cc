#include "packwalk/roles/notify_role.h"

#include <algorithm>
#include <utility>

#include "adapters/push/log_channel.h"
#include "base/time_text.h"
#include "packwalk/installation/log.h"

namespace packwalk {
namespace {

constexpr SubscriptionNumber operators_subscription{1};
constexpr std::chrono::milliseconds pause_when_idle{500};
constexpr std::chrono::milliseconds pause_after_failure{2000};

void log_given_up(const GivenUp& given_up) {
  log_warning("event_given_up", {{"device_number", given_up.device.value},
                                 {"event", given_up.event_id},
                                 {"key", given_up.key},
                                 {"reason", given_up.reason}});
}

}  // namespace

Result<std::unique_ptr<PushChannel>> open_channel(const NotifySection& notify) {
  if (notify.has_webhook()) return make_webhook_channel(notify.webhook);
  return make_log_channel([](const std::string& json) { log_info("notification", {{"json", json}}); });
}

NotifyRole::NotifyRole(NotifyPorts ports, Clock& clock, ClockAlarm& alarm, Failing failing)
    : ports_(std::move(ports)),
      clock_(clock),
      alarm_(alarm),
      failing_(failing),
      run_(
          *ports_.outbox, clock, {{operators_subscription, ports_.channel.get()}},
          [this] { return std::uniform_real_distribution<double>(0, 1)(random_); }, log_given_up) {}

Result<void> NotifyRole::start() {
  ticker_ = std::make_unique<Ticker>([this] { return step(); });
  return {};
}

void NotifyRole::measure(Metrics::Levels& levels) const {
  const NotifyLevels now = run_.levels();
  auto& notify = levels.notify.emplace();
  notify.waiting = now.waiting.events + now.waiting.notifications;
  notify.sent = now.sent;
  notify.failures = now.failed;
  notify.given_up = now.dead;
  notify.too_old = now.too_old;
  if (now.waiting.oldest) {
    notify.oldest_age = std::max(clock_.now() - *now.waiting.oldest, std::chrono::microseconds(0));
  }
}

Readiness NotifyRole::trouble() const {
  if (failing_ == Failing::is_logged) return {};
  const std::lock_guard lock(mutex_);
  if (trouble_.empty()) return {};
  return {Lack::store, "events cannot be read or marked as sent: " + trouble_};
}

/// Logs each new trouble, and its end.
void NotifyRole::note(const std::string& trouble) {
  {
    const std::lock_guard lock(mutex_);
    if (trouble == trouble_) return;
    trouble_ = trouble;
  }
  if (trouble.empty()) {
    log_info("notify_continues");
  } else {
    log_warning("notify_failed", {{"error", trouble}});
  }
}

void NotifyRole::note_deliveries() {
  const NotifyLevels levels = run_.levels();
  const auto news = deliveries_.look(levels);
  if (news.kind == DeliveryWatch::News::Kind::works_again) {
    log_info("notifications_continue");
  } else if (news.kind == DeliveryWatch::News::Kind::fails) {
    const auto next = std::chrono::ceil<std::chrono::seconds>(levels.failing->repeated_at);
    log_warning("notification_failed",
                {{"reason", levels.failing->reason}, {"count", news.failures}, {"next_attempt_at", iso_text(next)}});
  }
}

std::chrono::milliseconds NotifyRole::step() {
  alarm_.look();
  const auto more = run_.turn(alarm_.is_doubtful() ? ClockTrust::doubtful : ClockTrust::trusted);
  note(more ? "" : more.error().detail);
  note_deliveries();
  if (!more) return pause_after_failure;
  return *more ? std::chrono::milliseconds(0) : pause_when_idle;
}

}  // namespace packwalk
