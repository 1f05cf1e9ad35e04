// Recomputes a pair's long chain of contacts from the change to its end, a bounded part per turn.
#pragma once

#include <optional>

#include "app/analysis/analysis_sizes.h"
#include "core/walk/analysis_rules.h"
#include "core/walk/touched_seconds.h"
#include "ports/analysis_store.h"

namespace packwalk {

/// A long chain of a pair, and the range to recompute.
struct LongChain {
  DeviceNumber device;  // the device that moved: a or b
  DeviceNumber a;       // has the lower id
  DeviceNumber b;
  Seconds moved;
  Seconds known;  // the known part of the chain
  std::size_t fixes_max = 0;
};

/// Like TrackSweep for a track: near seconds change only in `moved`, so contacts and walks change only in chains that
/// touch `moved` widened by chain_reach(). The sweep begins with the last stored state before `moved`, or at the
/// chain's first second, and continues page by page. It ends where no chain is open after the last possible change, or
/// at a state that equals the stored one, or after fixes_max fixes.
class ChainSweep {
 public:
  ChainSweep(const LongChain& chain, const AnalysisRules& rules, const AnalysisSizes& sizes);

  /// Call it once, before the others.
  Result<void> run(AnalysisSnapshot& snapshot);

  const RowChanges<OfPair<Contact>>& contacts() const { return contacts_; }
  const RowChanges<OfPair<JointWalk>>& walks() const { return walks_; }
  const RowChanges<OfPair<ChainState>>& states() const { return states_; }
  bool reached_moved() const { return reached_moved_; }
  std::optional<Second> goes_on_at() const { return goes_on_at_; }

 private:
  /// The path of a device in some seconds, with all fixes that determine it.
  struct PathPage {
    std::vector<PathPoint> path;
    Second until = 0;       // the last second that they determine
    std::size_t fixes = 0;  // that were read, outliers among them
  };
  enum class Step { go_on, end };

  Result<void> find_begin(AnalysisSnapshot& snapshot);
  Result<PathPage> page(AnalysisSnapshot& snapshot, DeviceNumber device, Second from) const;
  Result<std::vector<DeviceTime>> sleeps_between(AnalysisSnapshot& snapshot, DeviceNumber device,
                                                 std::span<const PathFix> fixes) const;
  Result<Step> sweep_page(AnalysisSnapshot& snapshot);
  Result<std::optional<ChainState>> read_states(AnalysisSnapshot& snapshot, Second until);
  bool add_runs(const PathPage& a, const PathPage& b, Second until);
  Result<Step> end_page(AnalysisSnapshot& snapshot, Second until, const std::optional<ChainState>& stood);
  Second last_affected() const { return chain_.moved.to + reach_; }
  Result<bool> let_stand(AnalysisSnapshot& snapshot);
  Result<void> interrupt(AnalysisSnapshot& snapshot, Second until);
  void end();
  Result<void> compare(AnalysisSnapshot& snapshot);
  template <class Thing>
  std::vector<OfPair<Thing>> of_pair(std::vector<OfPair<Thing>> all) const;
  template <class Thing>
  std::vector<OfPair<Thing>> as_of_pair(const std::vector<Thing>& things) const;

  const LongChain chain_;
  const AnalysisRules& rules_;
  const AnalysisSizes& sizes_;
  const Second reach_;
  std::optional<ChainFold> fold_;
  Seconds swept_;    // the range in which found rows replace stored ones
  Second next_ = 0;  // the first second that is not swept
  std::size_t fixes_ = 0;
  std::vector<Contact> found_contacts_;
  std::vector<JointWalk> found_walks_;
  std::vector<ChainState> stored_states_;
  std::vector<ChainState> found_states_;
  RowChanges<OfPair<Contact>> contacts_;
  RowChanges<OfPair<JointWalk>> walks_;
  RowChanges<OfPair<ChainState>> states_;
  bool reached_moved_ = true;
  std::optional<Second> goes_on_at_;
};

}  // namespace packwalk
