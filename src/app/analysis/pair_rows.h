// The rows that derive from packets of two devices: contacts and joint walks.
#pragma once

#include <map>

#include "app/analysis/analysis_sizes.h"
#include "core/walk/analysis_rules.h"
#include "core/walk/touched_seconds.h"
#include "ports/analysis_store.h"

namespace packwalk {

/// Recomputes all contacts and joint walks of a device that can change when its path changes in the seconds `moved`:
/// near seconds change only there, and contacts and walks only in chains_around() of these. ChainSweep recomputes long
/// chains piece by piece; the others are recomputed at once.
class PairRows {
 public:
  PairRows(DeviceNumber device, Seconds moved, const AnalysisRules& rules, const AnalysisSizes& sizes)
      : device_(device), moved_(moved), rules_(rules), sizes_(sizes) {}

  /// The cells of `self` must be known already, because other devices search for it. `path` covers the slices that
  /// `moved` touches.
  Result<void> make(AnalysisSnapshot& snapshot, const AnalysedDevice& self, std::span<const PathPoint> path);

  /// The other devices with rows here.
  const std::vector<AnalysedDevice>& partners() const { return partners_; }
  const RowChanges<OfPair<Contact>>& contacts() const { return contacts_; }
  const RowChanges<OfPair<JointWalk>>& walks() const { return walks_; }
  const RowChanges<OfPair<ChainState>>& states() const { return states_; }
  /// False: the sweep of a long chain has not reached the change. Then no window is done.
  bool reached_moved() const { return reached_moved_; }
  /// The windows from which the sweeps of long chains continue.
  const std::vector<Second>& goes_on_at() const { return goes_on_at_; }

 private:
  Result<void> find_chains(AnalysisSnapshot& snapshot, std::span<const PathPoint> path);
  Result<void> set_long_ones_apart(AnalysisSnapshot& snapshot, Seconds read);
  Result<void> find_met(AnalysisSnapshot& snapshot, std::span<const PathPoint> path,
                        std::map<DeviceNumber, Seconds>& met) const;
  std::map<DeviceNumber, Seconds> chains_about(const std::map<DeviceNumber, Seconds>& met,
                                               std::span<const OfPair<Contact>> contacts) const;
  Result<void> make_pairs(AnalysisSnapshot& snapshot, const AnalysedDevice& self);
  Result<void> sweep_long_chains(AnalysisSnapshot& snapshot, const AnalysedDevice& self);
  bool is_whole(Seconds chain, Seconds read) const;
  /// In the order of ids.
  static bool is_lower(const AnalysedDevice& self, const AnalysedDevice& other);
  DeviceNumber other_of(DeviceNumber a, DeviceNumber b) const { return a == device_ ? b : a; }
  /// The rows of `stored` in the recomputed ranges.
  template <class Thing>
  std::vector<OfPair<Thing>> replaced(std::vector<OfPair<Thing>> stored) const;

  const DeviceNumber device_;
  const Seconds moved_;
  const AnalysisRules& rules_;
  const AnalysisSizes& sizes_;
  std::map<DeviceNumber, Seconds> chains_;       // per other device: the recomputed range
  std::map<DeviceNumber, Seconds> long_chains_;  // the known parts of chains that extend further
  std::vector<AnalysedDevice> partners_;
  std::vector<OfPair<Contact>> stored_contacts_;
  RowChanges<OfPair<Contact>> contacts_;
  RowChanges<OfPair<JointWalk>> walks_;
  RowChanges<OfPair<ChainState>> states_;
  bool reached_moved_ = true;
  std::vector<Second> goes_on_at_;
};

}  // namespace packwalk
