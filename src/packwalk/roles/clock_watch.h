// Notices that the machine's clock was set.
#pragma once

#include <chrono>
#include <optional>

#include "base/units.h"

namespace packwalk {

/// Compares the time of day with a clock that nobody sets. Not thread-safe.
class ClockWatch {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  /// By how much the time of day went ahead, or back (negative), since the call before, when that is more than a
  /// second.
  std::optional<std::chrono::microseconds> jump(ServerTime now, Steady steady);

  /// Whether it went so far ahead lately that what is told by it to be old must not be deleted: it may be wrong.
  bool is_doubtful(Steady steady) const { return doubtful_until_ && steady < *doubtful_until_; }

  static constexpr std::chrono::hours doubtful_jump{1};
  static constexpr std::chrono::hours doubtful_for{6};

 private:
  std::optional<std::chrono::microseconds> offset_;
  std::optional<Steady> doubtful_until_;
};

}  // namespace packwalk
