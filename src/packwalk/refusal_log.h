// Says in the log which device a limit refuses, and not each time.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string_view>

#include "packwalk/event_log.h"

namespace packwalk {

/// One line a minute and limit at most, with the device that was met then. Thread-safe.
class RefusalLog {
 public:
  /// `limit` and `door` are literals.
  void note(std::string_view limit, std::string_view door, std::string_view device) {
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock(mutex_);
    Cause& cause = causes_[limit];
    ++cause.refused;
    if (cause.told && now - cause.told_at < interval) return;
    log_warning("device_refused", {{"limit", limit}, {"door", door}, {"device", device}, {"refused", cause.refused}});
    cause = {.told = true, .told_at = now};
  }

 private:
  static constexpr std::chrono::minutes interval{1};
  struct Cause {
    bool told = false;
    std::chrono::steady_clock::time_point told_at;
    std::uint64_t refused = 0;  // since it was told
  };

  std::mutex mutex_;
  std::map<std::string_view, Cause> causes_;  // guarded by mutex_
};

}  // namespace packwalk
