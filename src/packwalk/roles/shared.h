// The parts that the roles of one process share.
#pragma once

#include <memory>
#include <string>

#include "api/metrics.h"
#include "app/devices/device_directory.h"
#include "base/last_time.h"
#include "http/blocking_pool.h"
#include "http/failed_log_ins.h"
#include "packwalk/configuration/http_section.h"
#include "packwalk/roles/clock_alarm.h"
#include "packwalk/roles/refusal_log.h"
#include "ports/clock.h"
#include "ports/device_health.h"
#include "ports/device_registry.h"

namespace packwalk {

struct SharedPorts {
  std::unique_ptr<Clock> clock;
  std::unique_ptr<DeviceRegistry> registry;
  std::unique_ptr<DeviceHealth> health;  // null: refusals are only logged
};

/// Outlives all roles and the server. The last writing connection that SQLite closes copies the log into the database;
/// the registry holds it, so the registry is here.
struct Shared {
  /// `name` is the role in metrics.
  Shared(const HttpSection& http, const std::string& name, SharedPorts ports);
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

 private:
  const std::unique_ptr<Clock> owned_clock_;

 public:
  Clock& clock;
  DeviceDirectory directory;
  LastTime store_answered;  // set by the server once per second
  ClockAlarm clock_alarm;
  Metrics metrics;
  RefusalLog refusals;
  FailedLogIns failed_log_ins;
  BlockingPool pool;  // its thread queries the store
};

}  // namespace packwalk
