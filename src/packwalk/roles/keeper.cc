#include "packwalk/roles/keeper.h"

#include <algorithm>
#include <string>
#include <utility>

#include "packwalk/installation/log.h"

namespace packwalk {
namespace {

constexpr std::chrono::seconds kept_every{600};
constexpr std::chrono::seconds looked_every{10};

}  // namespace

Keeper::Keeper(std::unique_ptr<StoreKeeper> store, const KeepRules& rules, Clock& clock, ClockAlarm& alarm)
    : store_(std::move(store)), rules_(rules), clock_(clock), alarm_(alarm) {}

void Keeper::start() {
  ticker_ = std::make_unique<Ticker>([this] { return step(); });
}

std::chrono::microseconds Keeper::oldest_event_age() const {
  return std::max(clock_.now() - oldest_event_.load(), std::chrono::microseconds(0));
}

/// After a large jump ahead, the clock may be wrong: drop nothing.
KeepRules Keeper::rules_now() const {
  if (!alarm_.is_doubtful()) return rules_;
  KeepRules all = rules_;
  all.events_days = 0;
  all.messages_days = 0;
  all.fixes_months = 0;
  return all;
}

std::chrono::milliseconds Keeper::step() {
  const auto now = std::chrono::steady_clock::now();
  if (!kept_at_ || now - *kept_at_ >= kept_every) {
    kept_at_ = now;
    keep();
  }
  if (const auto oldest = store_->oldest_event()) oldest_event_ = oldest->value_or(ServerTime::max());
  return looked_every;
}

void Keeper::keep() {
  alarm_.look();
  const auto kept = store_->keep(clock_.now(), rules_now());
  if (!kept) {
    log_warning("keep_failed", {{"error", kept.error().detail}});
    return;
  }
  if (kept->undelivered > 0) log_warning("events_not_sent", {{"count", kept->undelivered}});
  for (const std::string& name : kept->gone) log_info("no_longer_kept", {{"part", name}});
}

}  // namespace packwalk
