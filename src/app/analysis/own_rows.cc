#include "app/analysis/own_rows.h"

#include <algorithm>

#include "app/analysis/row_changes.h"
#include "app/analysis/track_fixes.h"
#include "core/track/track_cut.h"
#include "core/walk/path_pieces.h"

namespace packwalk {
namespace {

/// The slices that `seconds` touch.
Seconds whole(Seconds seconds, Second length) {
  return {slice_of(seconds.from, length) * length, (slice_of(seconds.to, length) + 1) * length - 1};
}

Seconds seconds_of(const Track& track) { return {seconds_since_1970(track.from), seconds_since_1970(track.to)}; }

constexpr Second known_track_max = 86'400;

template <class Thing>
std::span<const Thing> within(const std::vector<Thing>& things, Seconds seconds) {
  const auto before = [](const Thing& thing, Second at) { return seconds_since_1970(thing.timestamp) < at; };
  const auto first = std::lower_bound(things.begin(), things.end(), seconds.from, before);
  return {first, std::lower_bound(first, things.end(), seconds.to + 1, before)};
}

}  // namespace

Result<void> OwnRows::read(AnalysisSnapshot& snapshot) {
  if (auto done = sweep_.read_about(snapshot); !done) return done;
  const std::chrono::seconds gap = rules_.tracks.gap;
  const std::chrono::seconds cap = rules_.activity.sample_cap;
  slices_ = whole(moved_by(changed_, rules_.walks), place_slice_length);
  const Seconds samples{changed_.from - gap.count(), changed_.to + std::max(gap, cap).count()};
  buckets_ = whole({samples.from - cap.count(), samples.to}, activity_bucket_length.count());
  Seconds tracks = widened(changed_, gap);
  for (const Track& track : sweep_.about()) tracks = hull(tracks, seconds_of(track));
  Seconds all = hull(widened(slices_, rules_.walks.bridge), widened(buckets_, cap + gap));
  // Short tracks are read with the rest, including the seconds that show their end.
  if (tracks.count() <= known_track_max) all = hull(all, widened(tracks, gap));
  auto fixes = read_track_fixes(snapshot, device_, all, rules_.outliers());
  if (!fixes) return fixes.failure();
  fixes_ = std::move(fixes->fixes);
  outliers_ = std::move(fixes->outliers);
  if (auto done = read_into(samples_, snapshot.samples(device_, all)); !done) return done;
  for (const Sample& sample : samples_) {
    if (sample.activity == Activity::sleep) sleeps_.push_back(sample.timestamp);
  }
  if (auto done = sweep_.run(snapshot, {all, fixes_, sleeps_}); !done) return done;
  if (auto done = read_into(stored_activity_, snapshot.activity(device_, buckets_)); !done) return done;
  return read_into(stored_places_, snapshot.places(device_, slice_of(slices_.from, place_slice_length),
                                                   slice_of(slices_.to, place_slice_length)));
}

std::int64_t OwnRows::packets(Seconds seconds) const {
  return static_cast<std::int64_t>(within(fixes_, seconds).size() + within(outliers_, seconds).size() +
                                   within(samples_, seconds).size());
}

/// Runs of fixes that belong together. A second of `seconds` is in a track if and only if it is in one of these runs.
std::vector<Track> OwnRows::runs_in(Seconds seconds) const {
  const auto fixes = within(fixes_, widened(seconds, rules_.tracks.gap));
  const std::vector<bool> joined = joined_to_next(fixes, sleeps_, rules_.tracks);
  std::vector<Track> runs;
  for (std::size_t i = 0; i < fixes.size(); ++i) {
    if (i == 0 || !joined[i - 1]) runs.push_back({.from = fixes[i].timestamp, .to = {}, .box = {}});
    runs.back().to = fixes[i].timestamp;
  }
  return runs;
}

RowChanges<ActivitySum> OwnRows::activity() const {
  // The time of the first of these samples begins in the buckets only if the sample before is more than sample_cap
  // earlier.
  const Seconds about = widened(buckets_, rules_.activity.sample_cap);
  std::vector<ActivitySum> sums = activity_of(std::nullopt, within(samples_, about), runs_in(about), rules_.activity);
  std::erase_if(sums, [&](const ActivitySum& sum) {
    const Second bucket = seconds_since_1970(sum.key.bucket);
    return bucket < buckets_.from || bucket > buckets_.to;
  });
  return changes_between(stored_activity_, std::move(sums));
}

std::vector<PathPoint> OwnRows::path() const {
  const auto fixes = within(fixes_, widened(slices_, rules_.walks.bridge));
  return path_of(fixes, sleeps_, rules_.tracks, rules_.walks);
}

RowChanges<PlaceCell> OwnRows::places(std::span<const PathPoint> path) const {
  return changes_between(stored_places_, place_cells_of(path, moved_by(changed_, rules_.walks)));
}

}  // namespace packwalk
