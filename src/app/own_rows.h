// What is derived from a device's own packets: tracks, activity, and the cells of space in which it was.
#pragma once

#include "core/walk/analysis_rules.h"
#include "core/walk/touched_seconds.h"
#include "ports/analysis_store.h"

namespace packwalk {

/// All that packets of the seconds `changed` can change, made anew.
///
/// - Tracks: those that touch `changed` widened by track_gap. A fix or a sleep joins or divides only neighbours at most
///   track_gap apart.
/// - Activity: the sums of the buckets which the time of these samples touches: those in these tracks (each is in or
///   off track), those in `changed`, and those up to sample_cap behind it (their time begins at the sample before).
/// - Places: those of the slices that moved_by(changed) touches.
class OwnRows {
 public:
  OwnRows(DeviceNumber device, Seconds changed, const AnalysisRules& rules)
      : device_(device), changed_(changed), rules_(rules) {}

  /// Once, before all else.
  Result<void> read(AnalysisPicture& picture);

  /// How many packets some seconds within `changed` have.
  std::int64_t packets(Seconds seconds) const;

  RowChanges<Track> tracks() const;
  RowChanges<ActivitySum> activity() const;
  /// Where the device was, with all that decides it in the slices that it may have moved in.
  std::vector<PathPoint> path() const;
  RowChanges<PlaceCell> places(std::span<const PathPoint> path) const;

 private:
  Result<void> read_tracks(AnalysisPicture& picture);
  std::vector<DeviceTime> sleeps() const;
  std::vector<Track> found_tracks() const;

  const DeviceNumber device_;
  const Seconds changed_;
  const AnalysisRules& rules_;
  Seconds in_tracks_;  // changed_ and all of the tracks that it touches
  Seconds buckets_;    // whole ones, whose sums may change
  std::vector<PathFix> fixes_;
  std::vector<Sample> samples_;
  std::vector<Track> stored_tracks_;
  std::vector<Track> other_tracks_;  // about the buckets; they stay as they are
  std::vector<ActivitySum> stored_activity_;
  std::vector<PlaceCell> stored_places_;
};

}  // namespace packwalk
