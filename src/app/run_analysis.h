// Analyses whatever is stale, a turn at a time: live walks within seconds, and old uploads beside them.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "app/analyse_device.h"

namespace packwalk {

struct AnalysisLevels {
  std::int64_t stale = 0;     // windows that wait, of all devices, when they were last counted
  std::int64_t windows = 0;   // made anew, since the start
  std::int64_t turns = 0;     // since the start
  std::int64_t failures = 0;  // steps that failed, since the start
  std::chrono::microseconds busy{0};
  std::string trouble;  // why the last step failed; "" when it did not
};

/// One thread calls step(), the others may ask for the levels.
///
/// Windows of the last hour are recent, all others old. Both get half of the time while both have work: so a flood of
/// old uploads does not hold up live walks, nor the other way round. Among the recent the device with the newest window
/// comes first, and none again before a second has passed, or ten times what its turn took; the old ones take turns by
/// their numbers, each with at most turn_windows_max windows.
class RunAnalysis {
 public:
  /// Tells how much time has passed.
  using Stopwatch = std::function<std::chrono::steady_clock::time_point()>;

  RunAnalysis(AnalysisStore& store, const AnalysisRules& rules, Stopwatch stopwatch = std::chrono::steady_clock::now)
      : store_(store), rules_(rules), stopwatch_(std::move(stopwatch)) {}

  /// Takes one turn, if anything is due. Says how long to wait before the next step. Before the first one, everything
  /// becomes stale if it was made by other rules.
  std::chrono::milliseconds step(ServerTime now);

  AnalysisLevels levels() const;

 private:
  enum Age : std::size_t { recent, old, age_count };

  Result<bool> take_turn(ServerTime now);
  Result<void> adopt_rules();
  Result<void> count_stale(ServerTime now);
  Result<std::optional<DeviceNumber>> next(Age age, ServerTime now);
  Result<std::optional<DeviceNumber>> next_recent(ServerTime now);
  Result<std::optional<DeviceNumber>> next_old(ServerTime now);
  bool is_due(DeviceNumber device, ServerTime now);

  AnalysisStore& store_;
  const AnalysisRules rules_;
  const Stopwatch stopwatch_;
  bool adopted_ = false;
  std::array<std::chrono::microseconds, age_count> spent_{};
  std::vector<DeviceNumber> recent_devices_;  // the next one last
  ServerTime recent_read_at_{};
  std::int64_t last_old_ = 0;
  ServerTime none_old_at_{};  // when there was nothing old
  ServerTime counted_at_{};
  std::unordered_map<DeviceNumber, ServerTime> not_before_;

  mutable std::mutex mutex_;
  AnalysisLevels levels_;  // guarded by mutex_
};

}  // namespace packwalk
