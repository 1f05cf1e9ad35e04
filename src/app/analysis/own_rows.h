// The rows that derive from a device's own packets: tracks, activity, and the cells of space along its path.
#pragma once

#include "app/analysis/track_sweep.h"

namespace packwalk {

/// Recomputes all rows that can change when fixes or samples in the seconds `changed` appear or disappear. Outliers do
/// not count as fixes here: a fix that becomes an outlier disappears (fixes_changed_by()).
///
/// - Tracks: TrackSweep.
/// - Activity: the sums of the buckets that are touched by the time of samples in `changed`, of those up to sample_cap
///   behind it (their time begins at the sample before), and of those up to track_gap from it: whether a second is in a
///   track can change only there, as a fix or a sleep joins or divides only neighbours at most track_gap apart.
/// - Places: those of the slices that moved_by(changed) touches.
///
/// Except for the sweep, everything is read and computed at once: the seconds of `changed` and some more.
class OwnRows {
 public:
  OwnRows(DeviceNumber device, Seconds changed, const AnalysisRules& rules, const AnalysisSizes& sizes)
      : device_(device), changed_(changed), rules_(rules), sweep_(device, changed, rules, sizes) {}

  /// Call it once, before everything else.
  Result<void> read(AnalysisSnapshot& snapshot);

  /// The number of packets in some seconds of `changed`, including outliers.
  std::int64_t packets(Seconds seconds) const;

  const TrackSweep& tracks() const { return sweep_; }
  RowChanges<ActivitySum> activity() const;
  /// The path of the device, with all fixes that determine it in the slices where it may have moved.
  std::vector<PathPoint> path() const;
  RowChanges<PlaceCell> places(std::span<const PathPoint> path) const;

 private:
  std::vector<Track> runs_in(Seconds seconds) const;

  const DeviceNumber device_;
  const Seconds changed_;
  const AnalysisRules& rules_;
  TrackSweep sweep_;
  Seconds slices_;   // whole slices in which the path may change
  Seconds buckets_;  // whole buckets whose sums may change
  std::vector<PathFix> fixes_;
  std::vector<PathFix> outliers_;
  std::vector<Sample> samples_;
  std::vector<DeviceTime> sleeps_;
  std::vector<ActivitySum> stored_activity_;
  std::vector<PlaceCell> stored_places_;
};

}  // namespace packwalk
