// Logs refusals, and keeps the last refusal of each device in the store.
#pragma once

#include <memory>

#include "app/devices/device_directory.h"
#include "doors/refusals.h"
#include "packwalk/roles/ticker.h"
#include "ports/clock.h"
#include "ports/device_health.h"

namespace packwalk {

/// Thread-safe, except start() and end(). Its arguments outlive it.
class RefusalLog {
 public:
  /// Without `health`, it writes nothing to the store.
  RefusalLog(const DeviceDirectory& directory, Clock& clock, std::unique_ptr<DeviceHealth> health);

  void note(const Refusal& refusal) { refusals_.note(refusal, clock_.now()); }
  /// Logs the end of each series. Call it from time to time.
  void report_rest() { refusals_.report_rest(); }

  /// From now on, a thread writes the refusals of devices to the store.
  void start();
  /// Writes the remaining refusals. Call it when requests can no longer be refused.
  void end();

 private:
  void log(const RefusalReport& report) const;
  void keep(Refusals::Due due);

  const DeviceDirectory& directory_;
  Clock& clock_;
  const std::unique_ptr<DeviceHealth> health_;
  Refusals refusals_;
  std::unique_ptr<Ticker> keeper_;  // its thread waits for the store
};

}  // namespace packwalk
