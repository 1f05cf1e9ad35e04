#include "core/activity/period_sums.h"

#include <algorithm>
#include <cassert>

namespace packwalk {
namespace {

PeriodSums* period_of(std::span<PeriodSums> periods, DeviceTime time) {
  const auto after = std::upper_bound(periods.begin(), periods.end(), time,
                                      [](DeviceTime at, const PeriodSums& period) { return at < period.from; });
  if (after == periods.begin()) return nullptr;
  PeriodSums& period = *std::prev(after);
  return time < period.until ? &period : nullptr;
}

/// In the order of time, not overlapping.
bool are_apart(std::span<const PeriodSums> periods) {
  return std::adjacent_find(periods.begin(), periods.end(), [](const PeriodSums& one, const PeriodSums& next) {
           return next.from < one.until;
         }) == periods.end();
}

bool is_active(Activity activity) {
  return activity == Activity::walk || activity == Activity::gallop || activity == Activity::trot;
}

}  // namespace

SecondsAndSteps PeriodSums::active() const {
  SecondsAndSteps total;
  for (const auto* sums : {&in_track, &off_track}) {
    for (const auto& [activity, sum] : *sums) {
      if (!is_active(activity)) continue;
      total.seconds += sum.seconds;
      total.steps += sum.steps;
    }
  }
  return total;
}

void add_to_periods(std::span<PeriodSums> periods, std::span<const ActivitySum> sums) {
  assert(are_apart(periods));
  for (const ActivitySum& sum : sums) {
    PeriodSums* const period = period_of(periods, sum.key.bucket);
    if (!period) continue;
    SecondsAndSteps& total = (sum.key.in_track ? period->in_track : period->off_track)[sum.key.activity];
    total.seconds += sum.seconds;
    total.steps += sum.steps;
  }
}

void add_to_periods(std::span<PeriodSums> periods, std::span<const Track> tracks) {
  assert(are_apart(periods));
  for (const Track& track : tracks) {
    PeriodSums* const period = period_of(periods, track.from);
    if (!period) continue;
    ++period->tracks;
    period->length_m += track.length_m;
    period->moving += track.moving;
  }
}

std::string_view name_of(GoalsBy by) { return by == GoalsBy::activity ? "activity" : "moving_seconds"; }

GoalsBy goals_by(std::span<const PeriodSums> periods) {
  const bool has_activity = std::any_of(periods.begin(), periods.end(), [](const PeriodSums& period) {
    return !period.in_track.empty() || !period.off_track.empty();
  });
  return has_activity ? GoalsBy::activity : GoalsBy::moving_seconds;
}

bool Goals::met_by(const PeriodSums& period) const {
  const SecondsAndSteps active = period.active();
  const std::int64_t counted = by == GoalsBy::activity ? active.seconds : period.moving.count();
  return (!seconds || counted >= *seconds) && (!steps || active.steps >= *steps);
}

Streaks streaks_of(std::span<const PeriodSums> periods, const Goals& goals, DeviceTime now) {
  Streaks streaks;
  for (const PeriodSums& period : periods) {
    if (goals.met_by(period)) {
      streaks.longest = std::max(streaks.longest, ++streaks.current);
    } else if (period.until <= now) {
      streaks.current = 0;
    }
  }
  return streaks;
}

}  // namespace packwalk
