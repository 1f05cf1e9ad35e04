#include "core/activity/activity.h"

#include <algorithm>
#include <cassert>
#include <map>

namespace packwalk {
namespace {

using std::chrono::seconds;

DeviceTime bucket_of(DeviceTime time) {
  const auto into = time.time_since_epoch() % activity_bucket_length;
  return time - (into < seconds(0) ? into + activity_bucket_length : into);
}

struct Share {
  DeviceTime bucket{};
  std::int64_t seconds = 0;
  std::int64_t steps = 0;
  std::int64_t remainder = 0;  // of the division of the steps
};

/// How the time from `from` to `to` and its steps fall into buckets.
std::vector<Share> shares_of(DeviceTime from, DeviceTime to, std::int64_t steps) {
  const std::int64_t whole = (to - from).count();
  std::vector<Share> shares;
  std::int64_t left = steps;
  for (DeviceTime bucket = bucket_of(from); bucket < to; bucket += activity_bucket_length) {
    const std::int64_t within = (std::min(to, bucket + activity_bucket_length) - std::max(from, bucket)).count();
    shares.push_back({bucket, within, steps * within / whole, steps * within % whole});
    left -= shares.back().steps;
  }
  std::vector<Share*> by_remainder;
  by_remainder.reserve(shares.size());
  for (Share& share : shares) by_remainder.push_back(&share);
  std::stable_sort(by_remainder.begin(), by_remainder.end(),
                   [](const Share* a, const Share* b) { return a->remainder > b->remainder; });
  for (std::int64_t i = 0; i < left; ++i) ++by_remainder[static_cast<std::size_t>(i)]->steps;
  return shares;
}

}  // namespace

std::vector<ActivitySum> activity_of(std::optional<DeviceTime> before, std::span<const Sample> samples,
                                     std::span<const Track> tracks, const ActivityRules& rules) {
  std::map<ActivityKey, ActivitySum> sums;
  auto track = tracks.begin();
  for (const Sample& sample : samples) {
    assert(&sample == samples.data() || (&sample)[-1].timestamp < sample.timestamp);
    while (track != tracks.end() && track->to < sample.timestamp) ++track;
    const bool in_track = track != tracks.end() && track->from <= sample.timestamp;
    const DeviceTime earliest = sample.timestamp - rules.sample_cap;
    const DeviceTime from = before ? std::max(*before, earliest) : earliest;
    for (const Share& share : shares_of(from, sample.timestamp, sample.steps)) {
      const ActivityKey key{share.bucket, sample.activity, in_track};
      ActivitySum& sum = sums.try_emplace(key, ActivitySum{.key = key}).first->second;
      sum.seconds += share.seconds;
      sum.steps += share.steps;
    }
    before = sample.timestamp;
  }
  std::vector<ActivitySum> sorted;
  sorted.reserve(sums.size());
  for (const auto& [key, sum] : sums) sorted.push_back(sum);
  return sorted;
}

}  // namespace packwalk
