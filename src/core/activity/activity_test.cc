#include "core/activity/activity.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <map>

namespace packwalk {
namespace {

using ::testing::ElementsAre;

constexpr std::int64_t midnight = 1'699'920'000;
constexpr std::int64_t bucket = 900;

Sample sample(std::int64_t after, std::int32_t steps, Activity activity = Activity::walk) {
  return {.timestamp = device_time(midnight + after), .steps = steps, .activity = activity};
}

Track track(std::int64_t from, std::int64_t to) {
  return {.from = device_time(midnight + from), .to = device_time(midnight + to)};
}

ActivitySum sum(std::int64_t after, bool in_track, std::int64_t seconds, std::int64_t steps,
                Activity activity = Activity::walk) {
  return {{device_time(midnight + after), activity, in_track}, seconds, steps};
}

std::vector<ActivitySum> sums(std::optional<std::int64_t> before, const std::vector<Sample>& samples,
                              const std::vector<Track>& tracks = {}) {
  const auto time = before ? std::optional(device_time(midnight + *before)) : std::nullopt;
  return activity_of(time, samples, tracks, {});
}

TEST(Activity, IsTheTimeSinceTheSampleBefore) {
  EXPECT_THAT(sums(0, {sample(60, 50), sample(180, 7)}), ElementsAre(sum(0, false, 180, 57)));
}

TEST(Activity, IsTenMinutesAtMost) {
  EXPECT_THAT(sums(0, {sample(800, 5)}), ElementsAre(sum(0, false, 600, 5)));
  EXPECT_THAT(sums(std::nullopt, {sample(800, 5)}), ElementsAre(sum(0, false, 600, 5)));
}

TEST(Activity, AcrossABucketsEdgeIsDivided) {
  EXPECT_THAT(sums(800, {sample(1100, 10)}), ElementsAre(sum(0, false, 100, 3), sum(bucket, false, 200, 7)));
  EXPECT_THAT(sums(800, {sample(1000, 1)}), ElementsAre(sum(0, false, 100, 1), sum(bucket, false, 100, 0)))
      << "the earlier bucket first";
  EXPECT_THAT(sums(800, {sample(900, 4)}), ElementsAre(sum(0, false, 100, 4)));
}

TEST(Activity, IsInTrackUntilItsEnds) {
  EXPECT_THAT(sums(0, {sample(100, 1), sample(200, 2), sample(300, 4), sample(301, 8)}, {track(200, 300)}),
              ElementsAre(sum(0, false, 101, 9), sum(0, true, 200, 6)));
}

TEST(Activity, OfEachTypeIsSummedApart) {
  EXPECT_THAT(sums(0, {sample(10, 1, Activity::sleep), sample(20, 2, Activity::trot)}),
              ElementsAre(sum(0, false, 10, 1, Activity::sleep), sum(0, false, 10, 2, Activity::trot)));
}

TEST(Activity, BeforeNineteenSeventyFallsIntoBucketsToo) {
  const std::vector<Sample> samples = {{.timestamp = device_time(-1), .steps = 3, .activity = Activity::walk}};
  EXPECT_EQ(device_time(-900), activity_of(device_time(-11), samples, {}, {}).at(0).key.bucket);
}

/// The obvious version: a second at a time; steps by the exact shares.
std::map<std::pair<std::int64_t, bool>, std::int64_t> obvious_seconds(const std::vector<Sample>& samples,
                                                                      const std::vector<Track>& tracks) {
  std::map<std::pair<std::int64_t, bool>, std::int64_t> found;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::int64_t at = seconds_since_1970(samples[i].timestamp);
    const std::int64_t before = i == 0 ? at - 600 : seconds_since_1970(samples[i - 1].timestamp);
    bool in_track = false;
    for (const Track& each : tracks) in_track |= each.from <= samples[i].timestamp && samples[i].timestamp <= each.to;
    for (std::int64_t second = std::max(before, at - 600); second < at; ++second) {
      ++found[{second - second % bucket, in_track}];
    }
  }
  return found;
}

RC_GTEST_PROP(Activity, LosesNoSecondAndNoStep, ()) {
  std::vector<Sample> samples;
  std::vector<Track> tracks;
  std::int64_t at = 0;
  std::int64_t steps = 0;
  for (const int pause : *rc::gen::container<std::vector<int>>(rc::gen::element(1, 7, 60, 599, 600, 601, 3000))) {
    at += pause;
    samples.push_back(sample(at, *rc::gen::inRange(0, 1000)));
    steps += samples.back().steps;
    if (*rc::gen::inRange(0, 5) == 0) tracks.push_back(track(at - *rc::gen::inRange(0, pause), at));
  }
  std::map<std::pair<std::int64_t, bool>, std::int64_t> found;
  for (const ActivitySum& each : activity_of(std::nullopt, samples, tracks, {})) {
    found[{seconds_since_1970(each.key.bucket), each.key.in_track}] += each.seconds;
    steps -= each.steps;
  }
  RC_ASSERT(steps == 0);
  RC_ASSERT(found == obvious_seconds(samples, tracks));
}

}  // namespace
}  // namespace packwalk
