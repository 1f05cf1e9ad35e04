// Analyses all stale windows, one turn at a time: live walks within seconds, and old uploads beside them.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "app/analysis/analyse_device.h"

namespace packwalk {

struct AnalysisLevels {
  std::int64_t stale = 0;      // waiting windows of all devices, at the last count
  std::int64_t windows = 0;    // windows that were recomputed since the start
  std::int64_t turns = 0;      // turns since the start
  std::int64_t failures = 0;   // failed steps since the start
  std::int64_t set_aside = 0;  // windows of all devices that could not be analysed, at the last count
  std::chrono::microseconds busy{0};
  std::string trouble;  // the error of the last step; "" if it succeeded
};

/// One thread calls step(); others may read the levels.
///
/// Windows of the last hour are recent, all others old. While both have work, each gets half of the time, so that many
/// old uploads do not delay live walks, nor the other way round. Devices take turns by number. Recent windows: the
/// newest ones first; a device waits a second, or ten times the duration of its turn, before its next turn. Old
/// windows: the oldest ones first, at most sizes.windows_max per turn.
///
/// If a turn fails because of the device's data, fewer of its windows are tried, down to one. That one is set aside in
/// the store for a minute, and twice as long each time that it fails again, up to a day. No other window waits for it.
/// If the store is down or has another schema, no window is set aside.
class RunAnalysis {
 public:
  /// Returns the time that has passed.
  using Stopwatch = std::function<std::chrono::steady_clock::time_point()>;

  RunAnalysis(AnalysisStore& store, const AnalysisRules& rules, Stopwatch stopwatch = std::chrono::steady_clock::now,
              const AnalysisSizes& sizes = {})
      : store_(store), rules_(rules), stopwatch_(std::move(stopwatch)), sizes_(sizes) {}

  /// Takes one turn, if a window is due. Returns the pause before the next step. The first steps mark everything stale
  /// that was computed by other rules, one device per step.
  std::chrono::milliseconds step(ServerTime now);

  AnalysisLevels levels() const;

  /// The windows that the last step set aside. For the thread that calls step().
  const std::optional<SetAside>& last_set_aside() const { return last_set_aside_; }

 private:
  enum Age : std::size_t { recent, old, age_count };
  using Moment = std::chrono::steady_clock::time_point;

  Result<bool> take_turn(ServerTime now);
  /// False: more steps are needed.
  Result<bool> adopt_rules();
  Result<void> count_stale(ServerTime now);
  Result<std::optional<DeviceNumber>> next(Age age, DeviceTime recent_since);
  Result<std::optional<DeviceNumber>> next_recent(DeviceTime recent_since);
  Result<std::optional<DeviceNumber>> next_old(DeviceTime recent_since);
  Result<void> analyse(DeviceNumber device, Age age, ServerTime now);
  Result<std::optional<AnalysisReport>> try_turn(DeviceNumber device, Age age, std::vector<StaleWindow>& taken);
  Result<void> isolate(DeviceNumber device, std::span<const StaleWindow> taken, const std::string& reason,
                       ServerTime now);
  void rest(DeviceNumber device, std::chrono::microseconds time);
  bool is_due(DeviceNumber device);

  AnalysisStore& store_;
  const AnalysisRules rules_;
  const Stopwatch stopwatch_;
  const AnalysisSizes sizes_;
  bool adopted_ = false;
  std::array<std::chrono::microseconds, age_count> spent_{};
  std::vector<DeviceNumber> recent_devices_;  // the next device is the last entry
  std::int64_t last_recent_ = 0;
  std::int64_t last_old_ = 0;
  std::optional<Moment> recent_read_at_;
  std::optional<Moment> none_old_at_;  // when no old window was found
  std::optional<Moment> counted_at_;
  std::unordered_map<DeviceNumber, Moment> not_before_;
  std::unordered_map<DeviceNumber, std::size_t> windows_max_;  // windows per turn of devices that failed with more
  std::optional<SetAside> last_set_aside_;

  mutable std::mutex mutex_;
  AnalysisLevels levels_;  // guarded by mutex_
};

}  // namespace packwalk
