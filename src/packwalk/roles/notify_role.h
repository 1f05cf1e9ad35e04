// The role that sends events to whoever is to be notified of them.
#pragma once

#include <memory>
#include <random>
#include <string>

#include "app/notify/run_notify.h"
#include "packwalk/configuration/notify_section.h"
#include "packwalk/roles/role.h"
#include "packwalk/roles/ticker.h"
#include "ports/clock.h"

namespace packwalk {

/// The webhook that the configuration names, else the log. Errc::invalid_input.
Result<std::unique_ptr<PushChannel>> open_channel(const NotifySection& notify);

struct NotifyPorts {
  std::unique_ptr<Outbox> outbox;
  std::unique_ptr<PushChannel> channel;  // of the one subscription that there is: the operator's, to all events
};

/// Logs when it begins to fail, when it no longer does, and each event that it gives up.
class NotifyRole final : public Role {
 public:
  NotifyRole(NotifyPorts ports, Clock& clock);

  Result<void> start() override;
  /// Waits for the turn under way.
  void drain() override { ticker_.reset(); }
  void measure(Metrics::Levels& levels) const override;

 private:
  std::chrono::milliseconds step();

  const NotifyPorts ports_;
  Clock& clock_;
  std::minstd_rand random_{std::random_device{}()};
  RunNotify run_;
  std::string trouble_;             // that was logged last; of the ticker's thread
  std::unique_ptr<Ticker> ticker_;  // last: its thread uses all of it
};

}  // namespace packwalk
