// The role that sends events to their subscribers.
#pragma once

#include <memory>
#include <mutex>
#include <random>
#include <string>

#include "app/notify/run_notify.h"
#include "packwalk/configuration/notify_section.h"
#include "packwalk/roles/clock_alarm.h"
#include "packwalk/roles/delivery_watch.h"
#include "packwalk/roles/role.h"
#include "packwalk/roles/ticker.h"
#include "ports/clock.h"

namespace packwalk {

/// The webhook of the configuration, or the log without one. Errc::invalid_input: the webhook is not valid.
Result<std::unique_ptr<PushChannel>> open_channel(const NotifySection& notify);

struct NotifyPorts {
  std::unique_ptr<Outbox> outbox;
  std::unique_ptr<PushChannel> channel;  // of the only subscription: the operator's, to all events
};

/// Logs when the outbox or the channel begins to fail, when it recovers, and each event that is given up.
class NotifyRole final : public Role {
 public:
  /// `alarm` outlives it.
  NotifyRole(NotifyPorts ports, Clock& clock, ClockAlarm& alarm, Failing failing);

  Result<void> start() override;
  void refuse() override { run_.stop(); }
  /// Waits for the current turn.
  void drain() override { ticker_.reset(); }
  Readiness trouble() const override;
  void measure(Metrics::Levels& levels) const override;

 private:
  std::chrono::milliseconds step();
  void note(const std::string& trouble);
  void note_deliveries();

  const NotifyPorts ports_;
  Clock& clock_;
  ClockAlarm& alarm_;
  const Failing failing_;
  std::minstd_rand random_{std::random_device{}()};
  RunNotify run_;
  DeliveryWatch deliveries_;
  mutable std::mutex mutex_;
  std::string trouble_;             // the last logged error; guarded by mutex_
  std::unique_ptr<Ticker> ticker_;  // last, because its thread uses all members
};

}  // namespace packwalk
