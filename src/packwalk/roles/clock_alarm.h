// Logs each jump of the machine's clock.
#pragma once

#include <mutex>

#include "packwalk/roles/clock_watch.h"
#include "ports/clock.h"

namespace packwalk {

/// Thread-safe. `clock` outlives it.
class ClockAlarm {
 public:
  explicit ClockAlarm(Clock& clock) : clock_(clock) {}

  /// Logs a jump since the previous call, once per jump.
  void look();
  /// See ClockWatch.
  bool is_doubtful() const;

 private:
  Clock& clock_;
  mutable std::mutex mutex_;
  ClockWatch watch_;  // guarded by mutex_
};

}  // namespace packwalk
