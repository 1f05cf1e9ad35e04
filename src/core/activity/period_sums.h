// The activity of a device per day, week or month, and its goals.
#pragma once

#include <map>
#include <string_view>

#include "core/activity/activity.h"

namespace packwalk {

struct SecondsAndSteps {
  std::int64_t seconds = 0;
  std::int64_t steps = 0;

  friend bool operator==(const SecondsAndSteps&, const SecondsAndSteps&) = default;
};

/// Of from <= t < until.
struct PeriodSums {
  DeviceTime from{};
  DeviceTime until{};
  std::map<Activity, SecondsAndSteps> in_track;  // activities that did not occur are missing
  std::map<Activity, SecondsAndSteps> off_track;
  std::int64_t tracks = 0;
  double length_m = 0;
  std::chrono::seconds moving{0};

  /// Walk, gallop and trot, in track and off it.
  SecondsAndSteps active() const;

  friend bool operator==(const PeriodSums&, const PeriodSums&) = default;
};

/// Each sum counts in the period in which its quarter of an hour begins, and each track as a whole in the period of its
/// first second; others do not count. So nothing counts twice, and the sums of adjoining periods add up. `periods` in
/// the order of time, not overlapping. O(rows log periods).
void add_to_periods(std::span<PeriodSums> periods, std::span<const ActivitySum> sums);
void add_to_periods(std::span<PeriodSums> periods, std::span<const Track> tracks);

/// The measure of a goal of seconds.
enum class GoalsBy : std::uint8_t { activity, moving_seconds };
std::string_view name_of(GoalsBy by);

/// A device without any activity in all periods sends no activity packets, like a phone: then its moving time counts.
GoalsBy goals_by(std::span<const PeriodSums> periods);

/// The goals of a period: active time and steps. An unset value is no goal.
struct Goals {
  std::optional<std::int64_t> seconds;
  std::optional<std::int64_t> steps;  // that no device has without activity packets
  GoalsBy by = GoalsBy::activity;

  bool any() const { return seconds || steps; }
  bool met_by(const PeriodSums& period) const;
};

/// The number of consecutive periods in which all goals were met.
struct Streaks {
  std::int64_t current = 0;  // up to the last period; a period that is not over at `now` does not end a streak
  std::int64_t longest = 0;

  friend bool operator==(const Streaks&, const Streaks&) = default;
};
Streaks streaks_of(std::span<const PeriodSums> periods, const Goals& goals, DeviceTime now);

}  // namespace packwalk
