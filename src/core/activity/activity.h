// Durations and steps of a device per activity: sums per quarter of an hour.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/state/fix.h"
#include "core/track/track.h"

namespace packwalk {

struct ActivityRules {
  std::chrono::seconds sample_cap{600};  // the longest time that a sample describes
};

/// Every civil time zone of today has an offset from UTC that is a multiple of it.
inline constexpr std::chrono::seconds activity_bucket_length{900};

/// The key of a sum.
struct ActivityKey {
  DeviceTime bucket{};  // its beginning, a multiple of activity_bucket_length
  Activity activity = Activity::sleep;
  bool in_track = false;

  friend auto operator<=>(const ActivityKey&, const ActivityKey&) = default;
};

struct ActivitySum {
  ActivityKey key;
  std::int64_t seconds = 0;
  std::int64_t steps = 0;

  friend bool operator==(const ActivitySum&, const ActivitySum&) = default;
};

/// The sums of one device, sorted by key.
///
/// before   the time of the sample before the first one, if there is one samples  of one device, strictly increasing in
/// time tracks   its tracks, in the order of time
///
/// A sample describes the time since the previous one, at most `sample_cap`; its steps belong to that time. It is in
/// track if its timestamp lies within a track, ends included. A sample across the edge of a bucket is divided in
/// proportion to its seconds; the steps by largest remainder, the earlier bucket first, so that the total does not
/// change. O(samples log samples + tracks).
std::vector<ActivitySum> activity_of(std::optional<DeviceTime> before, std::span<const Sample> samples,
                                     std::span<const Track> tracks, const ActivityRules& rules);

}  // namespace packwalk
