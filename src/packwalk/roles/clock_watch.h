// Detects jumps of the machine's clock.
#pragma once

#include <chrono>
#include <optional>

#include "base/units.h"

namespace packwalk {

/// Compares the time of day with a monotonic clock. Not thread-safe.
class ClockWatch {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  /// The jump of the time of day since the previous call, negative if backwards, if it is more than a second.
  std::optional<std::chrono::microseconds> jump(ServerTime now, Steady steady);

  /// Whether the clock recently jumped so far ahead that it may be wrong, so that retention must not delete anything by
  /// it.
  bool is_doubtful(Steady steady) const { return doubtful_until_ && steady < *doubtful_until_; }

  static constexpr std::chrono::hours doubtful_jump{1};
  static constexpr std::chrono::hours doubtful_for{6};

 private:
  std::optional<std::chrono::microseconds> offset_;
  std::optional<Steady> doubtful_until_;
};

}  // namespace packwalk
