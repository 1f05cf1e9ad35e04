// The thread of ingest that applies retention.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>

#include "packwalk/roles/clock_alarm.h"
#include "packwalk/roles/ticker.h"
#include "ports/clock.h"
#include "ports/store_keeper.h"

namespace packwalk {

/// Drops old data and creates partitions for new data, every ten minutes. Looks for waiting events every ten seconds.
class Keeper {
 public:
  /// `clock` and `alarm` outlive it.
  Keeper(std::unique_ptr<StoreKeeper> store, const KeepRules& rules, Clock& clock, ClockAlarm& alarm);

  void start();
  /// Waits for the current step.
  void stop() { ticker_.reset(); }

  /// The age of the oldest waiting event; 0 if none waits. Thread-safe.
  std::chrono::microseconds oldest_event_age() const;

 private:
  KeepRules rules_now() const;
  std::chrono::milliseconds step();
  void keep();

  const std::unique_ptr<StoreKeeper> store_;
  const KeepRules rules_;
  Clock& clock_;
  ClockAlarm& alarm_;
  std::optional<std::chrono::steady_clock::time_point> kept_at_;  // only for the ticker's thread
  std::atomic<ServerTime> oldest_event_ = ServerTime::max();
  std::unique_ptr<Ticker> ticker_;  // last, because its thread uses all members
};

}  // namespace packwalk
