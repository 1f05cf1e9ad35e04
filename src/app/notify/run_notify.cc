#include "app/notify/run_notify.h"

#include <algorithm>

#include "base/work_limits.h"

namespace packwalk {
namespace {

constexpr OutboxLimits fanned_out_together{.lines_max = 100, .of_each_max = 20};
constexpr OutboxLimits sent_together{.lines_max = 16, .of_each_max = 20};
constexpr std::chrono::seconds counted_every{10};

/// After a long pause of all workers nobody wants to hear of what happened before it.
bool is_too_old(const WaitingEvent& waiting, ServerTime now, ClockTrust trust) {
  if (trust == ClockTrust::doubtful) return false;
  return time_of(*waiting.event) < waiting.caused_at - RunNotify::age_max ||
         waiting.caused_at < now - RunNotify::delay_max;
}

}  // namespace

Result<bool> RunNotify::turn(ClockTrust trust) {
  given_up_.clear();
  if (stop_.stop_requested()) return false;
  const auto fanned_out = fan_out(trust);
  if (!fanned_out) return fanned_out;
  auto delivered = deliver(trust);
  if (!delivered) return delivered;
  if (auto counted = count_waiting(); !counted) return counted.failure();
  return *fanned_out || *delivered;
}

NotifyLevels RunNotify::levels() const {
  const std::lock_guard lock(mutex_);
  return levels_;
}

Result<bool> RunNotify::fan_out(ClockTrust trust) {
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
    const bool is_old = each.event && is_too_old(each, now, trust);
    if (is_old) ++too_old;
    const bool is_sent = each.event && !is_old;
    fanned_out.push_back({std::move(each), is_sent ? all : std::vector<SubscriptionNumber>()});
  }
  if (auto done = outbox_.fan_out(fanned_out, now); !done) return done.failure();
  report_given_up();
  const std::lock_guard lock(mutex_);
  levels_.too_old += too_old;
  return true;
}

Result<bool> RunNotify::deliver(ClockTrust trust) {
  const ServerTime begun_at = clock_.now();
  const auto lines = outbox_.due(begun_at, begun_at + lease, sent_together);
  if (!lines) return lines.failure();
  if (lines->empty()) return false;
  std::vector<SettledLine> settled;
  for (const LeasedLine& line : *lines) settled.push_back(send_line(line, begun_at, trust));
  if (auto done = outbox_.settle(settled); !done) return done.failure();
  report_given_up();
  return true;
}

bool RunNotify::is_over(ServerTime begun_at, ServerTime now) const {
  return now < begun_at || now - begun_at >= turn_max || stop_.stop_requested();
}

SettledLine RunNotify::send_line(const LeasedLine& line, ServerTime begun_at, ClockTrust trust) {
  SettledLine settled{.line = line.line, .lease = line.lease, .attempts = line.attempts, .due_at = begun_at};
  for (const Notification& notification : line.notifications) {
    settled.head = notification.event_id;
    const ServerTime now = clock_.now();
    if (is_over(begun_at, now)) {
      // A line that had no turn keeps its time, and so comes before the lines that had one.
      if (!settled.done_until) settled.due_at = std::min(line.due_at, begun_at);
      return settled;
    }
    if (const auto until = rests_until(line.line.subscription, now)) {
      settled.due_at = *until;
      return settled;
    }
    const DeliveryOutcome outcome = attempt(line.line, notification, now);
    if (outcome.result == DeliveryOutcome::Result::retry) {
      if (stop_.stop_requested()) return settled;  // which may be the cause of the failure
      Attempts& attempts = settled.attempts;
      ++attempts.count;
      if (!attempts.first_at || *attempts.first_at > now) attempts.first_at = now;
      const ServerTime last = *attempts.first_at + retried_for;
      if (now < last || trust == ClockTrust::doubtful) {
        const ServerTime next = now + pause_after(attempts.count, outcome, pause_max);
        settled.due_at = now < last ? std::min(next, last) : next;
        note_failed(line.line, outcome, settled.due_at, now);
        return settled;
      }
    }
    if (outcome.result != DeliveryOutcome::Result::delivered) give_up(line.line, notification, outcome.detail);
    settled.done_until = notification.event_id;
    settled.attempts = {};
  }
  return settled;
}

std::optional<ServerTime> RunNotify::rests_until(SubscriptionNumber subscription, ServerTime now) const {
  const auto found = resting_.find(subscription);
  if (found == resting_.end() || now < found->second.since || now >= found->second.until) return std::nullopt;
  return found->second.until;
}

void RunNotify::rest(SubscriptionNumber subscription, const DeliveryOutcome& outcome, ServerTime now) {
  Rest& rest = resting_[subscription];
  rest.since = now;
  const auto pause = pause_after(++rest.failures, outcome, rest_max);
  rest.until = now + std::min<std::chrono::microseconds>(pause, pause_max);
}

void RunNotify::note_failed(const Line& line, const DeliveryOutcome& outcome, ServerTime due_at, ServerTime now) {
  const ServerTime rested = rests_until(line.subscription, now).value_or(due_at);
  const std::lock_guard lock(mutex_);
  ++levels_.repeated;
  levels_.failing = {outcome.detail, std::max(due_at, rested)};
}

DeliveryOutcome RunNotify::attempt(const Line& line, const Notification& notification, ServerTime now) {
  if (!notification.event) return {DeliveryOutcome::Result::refused, "its row is impossible"};
  const auto found = std::find_if(subscribers_.begin(), subscribers_.end(),
                                  [&](const Subscriber& each) { return each.subscription == line.subscription; });
  if (found == subscribers_.end()) return {DeliveryOutcome::Result::refused, "its subscription has ended"};
  const LimitedWork until_stop(WorkLimits{.gone = stop_.get_token()});
  DeliveryOutcome outcome = found->channel->send(*notification.event, notification.device_id, now);
  if (!outcome.is_of_channel) {
    resting_.erase(line.subscription);
  } else if (!stop_.stop_requested()) {  // which may be the cause of the failure
    rest(line.subscription, outcome, now);
  }
  const std::lock_guard lock(mutex_);
  if (outcome.result == DeliveryOutcome::Result::delivered) {
    ++levels_.sent;
    levels_.failing.reset();
  } else {
    ++levels_.failed;
  }
  return outcome;
}

std::chrono::microseconds RunNotify::pause_after(std::int64_t failures, const DeliveryOutcome& outcome,
                                                 std::chrono::seconds longest) {
  std::chrono::duration<double> pause = first_pause;
  for (std::int64_t i = 1; i < failures && pause < longest; ++i) pause *= 2;
  pause = std::min<std::chrono::duration<double>>(pause, longest) * (1 + random_()) / 2;
  const auto asked_for =
      std::min<std::chrono::seconds>(outcome.retry_after.value_or(std::chrono::seconds(0)), retried_for);
  return std::max<std::chrono::microseconds>(std::chrono::duration_cast<std::chrono::microseconds>(pause), asked_for);
}

void RunNotify::give_up(const Line& line, const Notification& notification, std::string reason) {
  given_up_.push_back({.device = line.device,
                       .subscription = line.subscription,
                       .event_id = notification.event_id,
                       .key = notification.event ? key(*notification.event) : "",
                       .reason = std::move(reason)});
}

/// After the commit: if it fails, they are tried and given up again.
void RunNotify::report_given_up() {
  {
    const std::lock_guard lock(mutex_);
    levels_.dead += static_cast<std::int64_t>(given_up_.size());
  }
  for (const GivenUp& each : given_up_) report_(each);
  given_up_.clear();
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
