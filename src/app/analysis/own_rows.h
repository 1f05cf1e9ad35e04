// What is derived from a device's own packets: tracks, activity, and the cells of space in which it was.
#pragma once

#include "app/analysis/track_sweep.h"

namespace packwalk {

/// All that can change when fixes or samples of the seconds `changed` come or go, made anew. Outliers are no fixes
/// here: one that becomes an outlier goes (fixes_changed_by()).
///
/// - Tracks: TrackSweep.
/// - Activity: the sums of the buckets that are touched by the time of samples in `changed`, of those up to sample_cap
///   behind it (their time begins at the sample before), and of those up to track_gap from it: whether a second is in a
///   track can change only there, as a fix or a sleep joins or divides only neighbours at most track_gap apart.
/// - Places: those of the slices that moved_by(changed) touches.
///
/// But for the sweep, all of it is read and made at once: so much as there is in the seconds of `changed` and some
/// more.
class OwnRows {
 public:
  OwnRows(DeviceNumber device, Seconds changed, const AnalysisRules& rules, const AnalysisSizes& sizes)
      : device_(device), changed_(changed), rules_(rules), sweep_(device, changed, rules, sizes) {}

  /// Once, before all else.
  Result<void> read(AnalysisSnapshot& snapshot);

  /// How many packets some seconds within `changed` have, outliers included.
  std::int64_t packets(Seconds seconds) const;

  const TrackSweep& tracks() const { return sweep_; }
  RowChanges<ActivitySum> activity() const;
  /// Where the device was, with all that decides it in the slices that it may have moved in.
  std::vector<PathPoint> path() const;
  RowChanges<PlaceCell> places(std::span<const PathPoint> path) const;

 private:
  std::vector<Track> runs_in(Seconds seconds) const;

  const DeviceNumber device_;
  const Seconds changed_;
  const AnalysisRules& rules_;
  TrackSweep sweep_;
  Seconds slices_;   // whole ones, in which the device may be elsewhere
  Seconds buckets_;  // whole ones, whose sums may change
  std::vector<PathFix> fixes_;
  std::vector<PathFix> outliers_;
  std::vector<Sample> samples_;
  std::vector<DeviceTime> sleeps_;
  std::vector<ActivitySum> stored_activity_;
  std::vector<PlaceCell> stored_places_;
};

}  // namespace packwalk
