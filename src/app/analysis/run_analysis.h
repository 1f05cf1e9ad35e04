// Analyses whatever is stale, a turn at a time: live walks within seconds, and old uploads beside them.
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
  std::int64_t stale = 0;      // windows that wait, of all devices, when they were last counted
  std::int64_t windows = 0;    // made anew, since the start
  std::int64_t turns = 0;      // since the start
  std::int64_t failures = 0;   // steps that failed, since the start
  std::int64_t set_aside = 0;  // windows that could not be analysed, of all devices, when they were last counted
  std::chrono::microseconds busy{0};
  std::string trouble;  // why the last step failed; "" when it did not
};

/// One thread calls step(), the others may ask for the levels.
///
/// Windows of the last hour are recent, all others old. Both get half of the time while both have work: so a flood of
/// old uploads does not hold up live walks, nor the other way round. The devices of each take turns by their numbers,
/// the recent ones with their newest windows first, and each again only when a second has passed, or ten times what its
/// turn took; the old ones with their oldest windows first, at most sizes.windows_max in a turn.
///
/// Where a turn fails for what the device has, fewer of its windows are tried, down to one. (Not where the store is
/// away, or is not what this program expects, as after a migration by a newer one: then nothing is set aside.) That one
/// is set aside in the store for a minute, and for twice as long each time that it fails again, up to a day. Nothing
/// else waits for it.
class RunAnalysis {
 public:
  /// Tells how much time has passed.
  using Stopwatch = std::function<std::chrono::steady_clock::time_point()>;

  RunAnalysis(AnalysisStore& store, const AnalysisRules& rules, Stopwatch stopwatch = std::chrono::steady_clock::now,
              const AnalysisSizes& sizes = {})
      : store_(store), rules_(rules), stopwatch_(std::move(stopwatch)), sizes_(sizes) {}

  /// Takes one turn, if anything is due. Says how long to wait before the next step. At first, everything becomes stale
  /// if it was made by other rules, a device a step.
  std::chrono::milliseconds step(ServerTime now);

  AnalysisLevels levels() const;

  /// What the last step set aside. For the thread that calls step().
  const std::optional<SetAside>& last_set_aside() const { return last_set_aside_; }

 private:
  enum Age : std::size_t { recent, old, age_count };
  using Moment = std::chrono::steady_clock::time_point;

  Result<bool> take_turn(ServerTime now);
  /// False: it is not done yet.
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
  std::vector<DeviceNumber> recent_devices_;  // the next one last
  std::int64_t last_recent_ = 0;
  std::int64_t last_old_ = 0;
  std::optional<Moment> recent_read_at_;
  std::optional<Moment> none_old_at_;  // when there was nothing old
  std::optional<Moment> counted_at_;
  std::unordered_map<DeviceNumber, Moment> not_before_;
  std::unordered_map<DeviceNumber, std::size_t> windows_max_;  // of those that failed with more
  std::optional<SetAside> last_set_aside_;

  mutable std::mutex mutex_;
  AnalysisLevels levels_;  // guarded by mutex_
};

}  // namespace packwalk
