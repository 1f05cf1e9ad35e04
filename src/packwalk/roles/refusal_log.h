// Logs who is refused, and keeps the last refusal of each device in the store.
#pragma once

#include <memory>

#include "app/devices/device_directory.h"
#include "doors/refusals.h"
#include "packwalk/roles/ticker.h"
#include "ports/clock.h"
#include "ports/device_health.h"

namespace packwalk {

/// Thread-safe, but for start() and end(). What it is given outlives it.
class RefusalLog {
 public:
  /// Without `health` nothing is kept in the store.
  RefusalLog(const DeviceDirectory& directory, Clock& clock, std::unique_ptr<DeviceHealth> health);

  void note(const Refusal& refusal) { refusals_.note(refusal, clock_.now()); }
  /// Logs the end of each series. To be called now and then.
  void report_rest() { refusals_.report_rest(); }

  /// From now on a thread keeps refusals of devices.
  void start();
  /// Keeps all that is not kept yet: nobody is refused any more.
  void end();

 private:
  void log(const RefusalReport& report) const;
  void keep(Refusals::Due due);

  const DeviceDirectory& directory_;
  Clock& clock_;
  const std::unique_ptr<DeviceHealth> health_;
  Refusals refusals_;
  std::unique_ptr<Ticker> keeper_;  // waits for the store
};

}  // namespace packwalk
