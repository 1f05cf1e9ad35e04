#include "app/notify/run_notify.h"

#include <algorithm>

#include "base/work_limits.h"

namespace packwalk {
namespace {

constexpr OutboxLimits fanned_out_together{.lines_max = 100, .of_each_max = 20};
constexpr OutboxLimits sent_together{.lines_max = 16, .of_each_max = 20};
constexpr std::chrono::seconds counted_every{10};

/// After a long pause of all workers nobody wants to hear of what happened before it.
bool is_too_old(const WaitingEvent& waiting, ServerTime now) {
  return time_of(*waiting.event) < waiting.caused_at - RunNotify::age_max ||
         waiting.caused_at < now - RunNotify::delay_max;
}

}  // namespace

/// The state of one turn while it sends.
struct RunNotify::Sending {
  ServerTime begun_at{};
  std::map<SubscriptionNumber, ServerTime>
      resting;  // subscriptions whose channel failed, with the time of the next attempt

  /// Also after the clock was set back: the lease may end at any time.
  bool is_over(ServerTime now) const { return now < begun_at || now - begun_at >= turn_max || work_must_end(); }
};

Result<bool> RunNotify::turn() {
  const auto fanned_out = fan_out();
  if (!fanned_out) return fanned_out;
  auto delivered = deliver();
  if (!delivered) return delivered;
  if (auto counted = count_waiting(); !counted) return counted.failure();
  return *fanned_out || *delivered;
}

NotifyLevels RunNotify::levels() const {
  const std::lock_guard lock(mutex_);
  return levels_;
}

Result<bool> RunNotify::fan_out() {
  auto events = outbox_.next(fanned_out_together);
  if (!events) return events.failure();
  if (events->empty()) return false;
  std::vector<SubscriptionNumber> all;
  for (const Subscriber& each : subscribers_) all.push_back(each.subscription);
  std::vector<FannedOut> fanned_out;
  std::int64_t too_old = 0;
  const ServerTime now = clock_.now();
  for (WaitingEvent& each : *events) {
    if (!each.event) give_up({each.device, {}}, {.event_id = each.id}, "its row is impossible");
    const bool is_old = each.event && is_too_old(each, now);
    if (is_old) ++too_old;
    const bool is_sent = each.event && !is_old;
    fanned_out.push_back({std::move(each), is_sent ? all : std::vector<SubscriptionNumber>()});
  }
  if (auto done = outbox_.fan_out(fanned_out, now); !done) return done.failure();
  const std::lock_guard lock(mutex_);
  levels_.too_old += too_old;
  return true;
}

Result<bool> RunNotify::deliver() {
  Sending sending{.begun_at = clock_.now(), .resting = {}};
  const auto lines = outbox_.due(sending.begun_at, sending.begun_at + lease, sent_together);
  if (!lines) return lines.failure();
  if (lines->empty()) return false;
  std::vector<SettledLine> settled;
  for (const LeasedLine& line : *lines) settled.push_back(send_line(line, sending));
  if (auto done = outbox_.settle(settled); !done) return done.failure();
  return true;
}

SettledLine RunNotify::send_line(const LeasedLine& line, Sending& sending) {
  SettledLine settled{.line = line.line, .lease = line.lease, .attempts = line.attempts, .due_at = sending.begun_at};
  for (const Notification& notification : line.notifications) {
    settled.head = notification.event_id;
    const ServerTime now = clock_.now();
    if (sending.is_over(now)) return settled;
    if (const auto resting = sending.resting.find(line.line.subscription); resting != sending.resting.end()) {
      settled.due_at = resting->second;
      return settled;
    }
    const DeliveryOutcome outcome = attempt(line.line, notification, now);
    if (outcome.result == DeliveryOutcome::Result::retry) {
      if (work_must_end()) return settled;  // which may be the cause of the failure
      ++settled.attempts.count;
      if (!settled.attempts.first_at) settled.attempts.first_at = now;
      if (outcome.is_of_channel) {
        sending.resting.try_emplace(line.line.subscription, next_attempt({1, now}, outcome, now));
      }
      if (now - *settled.attempts.first_at < retried_for) {
        settled.due_at = next_attempt(settled.attempts, outcome, now);
        return settled;
      }
    }
    if (outcome.result != DeliveryOutcome::Result::delivered) give_up(line.line, notification, outcome.detail);
    settled.done_until = notification.event_id;
    settled.attempts = {};
  }
  return settled;
}

DeliveryOutcome RunNotify::attempt(const Line& line, const Notification& notification, ServerTime now) {
  if (!notification.event) return {DeliveryOutcome::Result::refused, "its row is impossible"};
  const auto found = std::find_if(subscribers_.begin(), subscribers_.end(),
                                  [&](const Subscriber& each) { return each.subscription == line.subscription; });
  if (found == subscribers_.end()) return {DeliveryOutcome::Result::refused, "its subscription has ended"};
  DeliveryOutcome outcome = found->channel->send(*notification.event, notification.device_id, now);
  const std::lock_guard lock(mutex_);
  ++(outcome.result == DeliveryOutcome::Result::delivered ? levels_.sent : levels_.failed);
  return outcome;
}

/// The last attempt is at the end of the retry period.
ServerTime RunNotify::next_attempt(const Attempts& attempts, const DeliveryOutcome& outcome, ServerTime now) {
  std::chrono::duration<double> pause = first_pause;
  for (std::int64_t i = 1; i < attempts.count && pause < pause_max; ++i) pause *= 2;
  pause = std::min<std::chrono::duration<double>>(pause, pause_max) * (1 + random_()) / 2;
  const auto asked_for =
      std::min<std::chrono::seconds>(outcome.retry_after.value_or(std::chrono::seconds(0)), retried_for);
  const auto waited =
      std::max(std::chrono::duration_cast<std::chrono::microseconds>(pause), std::chrono::microseconds(asked_for));
  return std::min(now + waited, *attempts.first_at + retried_for);
}

void RunNotify::give_up(const Line& line, const Notification& notification, std::string reason) {
  {
    const std::lock_guard lock(mutex_);
    ++levels_.dead;
  }
  report_({.device = line.device,
           .subscription = line.subscription,
           .event_id = notification.event_id,
           .key = notification.event ? key(*notification.event) : "",
           .reason = std::move(reason)});
}

Result<void> RunNotify::count_waiting() {
  const ServerTime now = clock_.now();
  if (counted_at_ && now >= *counted_at_ && now - *counted_at_ < counted_every) return {};
  const auto waiting = outbox_.levels();
  if (!waiting) return waiting.failure();
  counted_at_ = now;
  const std::lock_guard lock(mutex_);
  levels_.waiting = *waiting;
  return {};
}

}  // namespace packwalk
