// Recomputes a device's tracks from the change to their ends, a bounded part per turn.
#pragma once

#include <optional>

#include "app/analysis/analysis_sizes.h"
#include "app/analysis/pages.h"
#include "core/walk/analysis_rules.h"
#include "core/walk/touched_seconds.h"
#include "ports/analysis_store.h"

namespace packwalk {

/// Fixes without outliers, and sleeps, of a range that was read already.
struct KnownPackets {
  Seconds seconds;
  std::span<const PathFix> fixes;
  std::span<const DeviceTime> sleeps;
};

/// Recomputes all tracks that can change when fixes or sleeps in the seconds `changed` appear or disappear: those that
/// touch `changed` widened by track_gap, because a fix or a sleep joins or divides only neighbours at most track_gap
/// apart. Outliers do not count as fixes here.
///
/// The sweep begins with the last state that was kept before `changed` of the first of these tracks, or at its first
/// fix. It ends
/// - where a track ends behind which nothing can have changed;
/// - or where a state that was kept behind all that changed is found again: what comes then stands as it is, and what
///   is wrong with it is marked;
/// - or after fixes_max fixes, outliers among them: then the sweep is to be gone on with from the window of
///   goes_on_at(). Where that is before `changed`, which happens when a long track has no states yet,
///   reached_changed() says that no window is done.
/// Each transition from one kept state to the next is thus right, or there is a stale window for it. A state at a fix
/// that is an outlier now goes.
class TrackSweep {
 public:
  TrackSweep(DeviceNumber device, Seconds changed, const AnalysisRules& rules, const AnalysisSizes& sizes)
      : device_(device),
        changed_(changed),
        near_(widened(changed, rules.tracks.gap)),
        rules_(rules.tracks),
        outlier_rules_(rules.outliers()),
        sizes_(sizes) {}

  /// Reads the stored tracks around `changed` in a snapshot. Call it once, before the others.
  Result<void> read_about(AnalysisSnapshot& snapshot);
  std::span<const Track> about() const { return about_; }

  /// Call it once, in the same snapshot.
  Result<void> run(AnalysisSnapshot& snapshot, const KnownPackets& known);

  const RowChanges<Track>& tracks() const { return tracks_; }
  const RowChanges<TrackState>& states() const { return states_; }
  bool reached_changed() const { return reached_changed_; }
  std::optional<DeviceTime> goes_on_at() const { return goes_on_at_; }

 private:
  enum class Step { go_on, end };

  Result<std::optional<TrackState>> state_before(AnalysisSnapshot& snapshot) const;
  Result<void> sweep(AnalysisSnapshot& snapshot, Pages<PathFix>& fixes, Pages<DeviceTime>& sleeps);
  bool joins(const PathFix& fix, Pages<DeviceTime>& sleeps) const;
  Second last_awaited() const;
  void drop_states(Pages<TrackState>& kept, Second until);
  Result<Step> pass(AnalysisSnapshot& snapshot, Pages<TrackState>& kept, std::size_t outliers);
  Result<Step> stop_at_equal_state(AnalysisSnapshot& snapshot);
  Result<void> interrupt(AnalysisSnapshot& snapshot);
  Result<std::optional<Track>> standing_track(AnalysisSnapshot& snapshot) const;
  Result<void> compare(AnalysisSnapshot& snapshot);
  void end_track();

  const DeviceNumber device_;
  const Seconds changed_;
  const Seconds near_;
  const TrackRules& rules_;
  const OutlierRules outlier_rules_;
  const AnalysisSizes& sizes_;
  std::vector<Track> about_;
  std::optional<TrackFold> open_;
  Seconds swept_;  // the range in which found rows replace stored ones
  std::size_t fixes_ = 0;
  std::size_t fixes_since_state_ = 0;
  std::vector<Track> found_;
  RowChanges<Track> tracks_;
  RowChanges<TrackState> states_;
  bool reached_changed_ = true;
  std::optional<DeviceTime> goes_on_at_;
};

}  // namespace packwalk
