// A pair's chains of contacts as a fold of its near seconds: its state is a value from which the fold can continue.
#pragma once

#include <optional>
#include <vector>

#include "core/track/odometer.h"
#include "core/walk/joint_walk.h"

namespace packwalk {

/// One device of a chain.
struct CompanionState {
  Ecef start;              // its position at the chain's first second
  Ecef end;                // and at the last near second so far
  std::int64_t away = 0;   // near seconds at which it was at least `walk_reach_m` from its start
  OdometerState odometer;  // of its fixes between the two

  friend bool operator==(const CompanionState&, const CompanionState&) = default;
};

/// The state of a chain up to its last near second so far. Two chains with equal states give equal rows, bit by bit,
/// for the same further seconds.
struct ChainState {
  Second from = 0;  // the first near second, and the last one so far
  Second to = 0;
  Contact last;                     // the last contact so far
  std::int64_t contacts = 0;        // with it
  std::int64_t seconds_before = 0;  // that the contacts before it lasted
  std::int64_t near_seconds = 0;
  double min_distance_m = 0;  // of the distances at the near seconds
  double sum_m = 0;
  CompanionState a;
  CompanionState b;

  friend bool operator==(const ChainState&, const ChainState&) = default;
};

/// Computes the same contacts and joint walks as contacts_of() and joint_walks_of(), piece by piece.
class ChainFold {
 public:
  /// Continues with `open`, if there is one.
  ChainFold(const TrackRules& tracks, const WalkRules& walks, std::optional<ChainState> open = std::nullopt)
      : tracks_(tracks), walks_(walks), open_(std::move(open)) {}

  /// The next run of near seconds, as near_runs() finds them. The paths have all fixes since the last run, and what
  /// decides where the devices are in this one. O(fixes since the last run + seconds of this one).
  void add(Seconds run, std::span<const PathPoint> a, std::span<const PathPoint> b);

  /// Every near second before `at` was added: ends the chains that can no longer continue.
  void end_before(Second at);

  const std::optional<ChainState>& open() const { return open_; }
  /// The ended ones, including those of the open chain.
  const std::vector<Contact>& contacts() const { return contacts_; }
  const std::vector<JointWalk>& walks() const { return joint_walks_; }

 private:
  bool goes_on_at(Second at) const;
  void end();

  const TrackRules& tracks_;
  const WalkRules& walks_;
  std::optional<ChainState> open_;
  std::vector<Contact> contacts_;
  std::vector<JointWalk> joint_walks_;
};

/// The walk of the chain if it ends here.
std::optional<JointWalk> walk_of(const ChainState& chain, const WalkRules& rules);

}  // namespace packwalk
