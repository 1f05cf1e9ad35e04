#include "app/own_rows.h"

#include <algorithm>

#include "app/row_changes.h"
#include "core/walk/path_pieces.h"

namespace packwalk {
namespace {

/// The whole slices of some length that `seconds` touch.
Seconds whole(Seconds seconds, Second length) {
  return {slice_of(seconds.from, length) * length, (slice_of(seconds.to, length) + 1) * length - 1};
}

Seconds seconds_of(const Track& track) { return {seconds_since_1970(track.from), seconds_since_1970(track.to)}; }

template <class Thing>
std::span<const Thing> within(const std::vector<Thing>& things, Seconds seconds) {
  const auto before = [](const Thing& thing, Second at) { return seconds_since_1970(thing.timestamp) < at; };
  const auto first = std::lower_bound(things.begin(), things.end(), seconds.from, before);
  return {first, std::lower_bound(first, things.end(), seconds.to + 1, before)};
}

}  // namespace

Result<void> OwnRows::read(AnalysisPicture& picture) {
  if (auto done = read_tracks(picture); !done) return done;
  const Seconds slices = whole(moved_by(changed_, rules_.walks), place_slice_length);
  const Seconds of_path = hull(in_tracks_, widened(slices, rules_.walks.bridge));
  const Seconds of_samples = hull(of_path, widened(buckets_, rules_.activity.sample_cap));
  if (auto done = read_into(fixes_, picture.fixes(device_, of_path)); !done) return done;
  if (auto done = read_into(samples_, picture.samples(device_, of_samples)); !done) return done;
  if (auto done = read_into(stored_activity_, picture.activity(device_, buckets_)); !done) return done;
  return read_into(stored_places_, picture.places(device_, slice_of(slices.from, place_slice_length),
                                                  slice_of(slices.to, place_slice_length)));
}

Result<void> OwnRows::read_tracks(AnalysisPicture& picture) {
  in_tracks_ = widened(changed_, rules_.tracks.gap);
  if (auto done = read_into(stored_tracks_, picture.tracks(device_, in_tracks_)); !done) return done;
  for (const Track& track : stored_tracks_) in_tracks_ = hull(in_tracks_, seconds_of(track));
  const Second cap = rules_.activity.sample_cap.count();
  const Seconds of_samples = hull(in_tracks_, {changed_.from, changed_.to + cap});
  buckets_ = whole({of_samples.from - cap, of_samples.to}, activity_bucket_length.count());
  const Seconds about = widened(buckets_, rules_.activity.sample_cap);
  if (auto done = read_into(other_tracks_, picture.tracks(device_, about)); !done) return done;
  std::erase_if(other_tracks_, [&](const Track& track) { return touch(in_tracks_, seconds_of(track)); });
  return {};
}

std::int64_t OwnRows::packets(Seconds seconds) const {
  return static_cast<std::int64_t>(within(fixes_, seconds).size() + within(samples_, seconds).size());
}

std::vector<DeviceTime> OwnRows::sleeps() const {
  std::vector<DeviceTime> sleeps;
  for (const Sample& sample : samples_) {
    if (sample.activity == Activity::sleep) sleeps.push_back(sample.timestamp);
  }
  return sleeps;
}

std::vector<Track> OwnRows::found_tracks() const {
  return tracks_of(within(fixes_, in_tracks_), sleeps(), rules_.tracks);
}

RowChanges<Track> OwnRows::tracks() const { return changes_between(stored_tracks_, found_tracks()); }

RowChanges<ActivitySum> OwnRows::activity() const {
  std::vector<Track> tracks = found_tracks();
  tracks.insert(tracks.end(), other_tracks_.begin(), other_tracks_.end());
  std::sort(tracks.begin(), tracks.end(), [](const Track& a, const Track& b) { return a.from < b.from; });
  // The time of the first of these samples begins in the buckets only if it is not within sample_cap of the one before.
  const auto samples = within(samples_, widened(buckets_, rules_.activity.sample_cap));
  std::vector<ActivitySum> sums = activity_of(std::nullopt, samples, tracks, rules_.activity);
  std::erase_if(sums, [&](const ActivitySum& sum) {
    const Second bucket = seconds_since_1970(sum.key.bucket);
    return bucket < buckets_.from || bucket > buckets_.to;
  });
  return changes_between(stored_activity_, std::move(sums));
}

std::vector<PathPoint> OwnRows::path() const { return path_of(fixes_, sleeps(), rules_.tracks, rules_.walks); }

RowChanges<PlaceCell> OwnRows::places(std::span<const PathPoint> path) const {
  return changes_between(stored_places_, place_cells_of(path, moved_by(changed_, rules_.walks)));
}

}  // namespace packwalk
