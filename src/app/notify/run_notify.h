// Sends events to their subscriptions, one turn at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "ports/clock.h"
#include "ports/outbox.h"

namespace packwalk {

/// A subscription to all events of all devices.
struct Subscriber {
  SubscriptionNumber subscription;
  PushChannel* channel = nullptr;  // outlives its users
};

/// An event that was given up.
struct GivenUp {
  DeviceNumber device;
  SubscriptionNumber subscription;  // 0 for an event that was not fanned out
  std::int64_t event_id = 0;
  std::string key;  // "" if its row is impossible
  std::string reason;
};

/// A failed attempt that will be repeated.
struct FailedAttempt {
  std::string reason;        // holds no secret
  ServerTime repeated_at{};  // or a little later; the attempts of other notifications may come earlier
};

/// Counts since the start, and waiting events at the last count.
struct NotifyLevels {
  std::int64_t sent = 0;
  std::int64_t failed = 0;    // failed attempts, even if a later one succeeded
  std::int64_t repeated = 0;  // of the failed attempts, those that will be repeated
  std::int64_t dead = 0;      // notifications that were given up
  std::int64_t too_old = 0;   // events that were too old to send
  OutboxLevels waiting;
  std::optional<FailedAttempt> failing;  // the last failed attempt; empty after a delivery
};

/// Whether the clock may be wrong, after a large jump. Then no event is dropped or given up because of its age.
enum class ClockTrust { trusted, doubtful };

/// One thread calls turn(); others may read the levels. Any number of workers may share a store, also in other
/// processes whose clocks differ by less than `lease` - `turn_max`.
///
/// The notifications of a line (one device and subscription) are sent in order. A failed one is retried after 5 s, then
/// after pauses that double up to an hour, with jitter, and at least as long as the receiver requests. It is given up
/// 24 h after its first attempt. Meanwhile only its line waits. If the channel itself fails, all lines of its
/// subscription rest: for 5 s, then for times that double up to 5 min, or as long as the receiver requests, up to an
/// hour.
class RunNotify {
 public:
  /// A number from 0 (included) to 1 (excluded).
  using Random = std::function<double()>;
  using ReportGivenUp = std::function<void(const GivenUp&)>;

  RunNotify(Outbox& outbox, Clock& clock, std::vector<Subscriber> subscribers, Random random, ReportGivenUp report)
      : outbox_(outbox),
        clock_(clock),
        subscribers_(std::move(subscribers)),
        random_(std::move(random)),
        report_(std::move(report)) {}

  /// Fans out some events and sends some notifications. Returns whether there was work, so that the next turn should
  /// follow immediately. Errors are those of the outbox; after an error, notifications may be sent again.
  Result<bool> turn(ClockTrust trust = ClockTrust::trusted);

  /// Thread-safe. Ends the current turn soon, with its attempt, and every later one at once. What was not sent stays
  /// due.
  void stop() { stop_.request_stop(); }

  NotifyLevels levels() const;

  static constexpr std::chrono::seconds lease{60};
  static constexpr std::chrono::seconds turn_max{20};  // no attempt begins after this time; one lasts about 10 s
  static constexpr std::chrono::hours retried_for{24};
  static constexpr std::chrono::days age_max{7};    // of an event, when its cause reached the server
  static constexpr std::chrono::days delay_max{2};  // from then until it is fanned out
  static constexpr std::chrono::seconds first_pause{5};
  static constexpr std::chrono::seconds pause_max{3600};
  static constexpr std::chrono::seconds rest_max{300};

 private:
  struct Rest {
    ServerTime since{};
    ServerTime until{};
    std::int64_t failures = 0;  // in a row
  };

  Result<bool> fan_out(ClockTrust trust);
  Result<bool> deliver(ClockTrust trust);
  /// Also after the clock was set back: the lease may end at any time.
  bool is_over(ServerTime begun_at, ServerTime now) const;
  SettledLine send_line(const LeasedLine& line, ServerTime begun_at, ClockTrust trust);
  std::optional<ServerTime> rests_until(SubscriptionNumber subscription, ServerTime now) const;
  void rest(SubscriptionNumber subscription, const DeliveryOutcome& outcome, ServerTime now);
  void note_failed(const Line& line, const DeliveryOutcome& outcome, ServerTime due_at, ServerTime now);
  DeliveryOutcome attempt(const Line& line, const Notification& notification, ServerTime now);
  std::chrono::microseconds pause_after(std::int64_t failures, const DeliveryOutcome& outcome,
                                        std::chrono::seconds longest);
  void give_up(const Line& line, const Notification& notification, std::string reason);
  void report_given_up();
  Result<void> count_waiting();

  Outbox& outbox_;
  Clock& clock_;
  const std::vector<Subscriber> subscribers_;
  const Random random_;
  const ReportGivenUp report_;
  std::stop_source stop_;
  std::map<SubscriptionNumber, Rest> resting_;  // subscriptions whose channel failed
  std::vector<GivenUp> given_up_;               // not committed yet
  std::optional<ServerTime> counted_at_;

  mutable std::mutex mutex_;
  NotifyLevels levels_;  // guarded by mutex_
};

}  // namespace packwalk
