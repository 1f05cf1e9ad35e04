// Port: what analysis reads and writes: stale windows, fixes and samples, and the rows that are derived from them.
// Contract: tests/contract/analysis_store_test.cc.
//
// Derived rows are right whatever the order in which packets come, how many analyse, and who dies when, because of
// this: a row that may be wrong always has a stale window that will mend it. Ingest marks a window in the transaction
// that keeps its packet. finish() clears one only if it has no packet that the analysis had not read, and writes rows
// of two devices only if neither was analysed since they were read: so what the other device has that was not read is
// marked. A long track or chain of contacts is not made anew from its beginning, but from a state that was kept on the
// way (a checkpoint): a state, like a row, is wrong only if there is a stale window for it, at or before it, or so
// shortly behind it that packets there move the device at its time (core/walk/touched_seconds.h). What a turn does not
// reach it marks (Analysis::marked) in the transaction that clears what it did. A window that cannot be
// analysed stays marked, but is set aside: it is left out for a while. It presupposes that all analyse by the same
// rules (who does not is refused: rules()), and that fixes are kept: rows of those that a policy dropped stay only as
// long as nothing about them becomes stale.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/activity/activity.h"
#include "core/state/current_state.h"
#include "core/track/track_fold.h"
#include "core/walk/chain_fold.h"
#include "core/walk/joint_walk.h"
#include "core/walk/place_cell.h"
#include "ports/of_pair.h"

namespace packwalk {

/// How often a device was analysed; 0: never.
using AnalysisVersion = std::int64_t;

struct AnalysedDevice {
  DeviceNumber number;
  std::string id;  // empty when the registry does not know it
  AnalysisVersion version = 0;
  bool is_erased = false;  // or about to be: then nobody has rows with it any more
};

/// A marked window, and how many packets it had when it was read.
struct ReadWindow {
  StaleWindow window;
  std::int64_t packets = 0;
};

/// Rows that go, and rows that come or replace those with their keys.
template <class Row>
struct RowChanges {
  std::vector<Row> gone;
  std::vector<Row> put;

  bool empty() const { return gone.empty() && put.empty(); }
  friend bool operator==(const RowChanges&, const RowChanges&) = default;
};

/// By what rules rows are made; no text in a new store.
struct RulesInUse {
  std::string text;
  /// After other rules all windows become stale: those of devices up to this number did. Nothing: all are.
  std::optional<std::int64_t> marked_until;

  friend bool operator==(const RulesInUse&, const RulesInUse&) = default;
};

/// What an analysis of a device found.
struct Analysis {
  DeviceNumber device;
  std::string rules;                                               // text_of() those by which it was made
  std::vector<std::pair<DeviceNumber, AnalysisVersion>> versions;  // of it and of all others that have rows here
  std::int64_t packets = 0;                                        // accepted ones of the device when they were read
  std::vector<ReadWindow> windows;
  RowChanges<Track> tracks;
  RowChanges<ActivitySum> activity;
  RowChanges<OfPair<Contact>> contacts;
  RowChanges<OfPair<JointWalk>> walks;
  RowChanges<TrackState> track_states;
  RowChanges<OfPair<ChainState>> chain_states;
  std::vector<StaleWindow> marked;  // of the device, where a longer track or chain is to be gone on with
};

/// A window that could not be analysed.
struct SetAside {
  StaleWindow window;
  std::int64_t failures = 0;  // in a row
  ServerTime retry_at{};
  std::string reason;

  friend bool operator==(const SetAside&, const SetAside&) = default;
};

enum class WindowOrder { oldest_first, newest_first };

/// The store at one moment, whatever is written meanwhile. Ranges of seconds have both ends; all lists are in the order
/// of time.
class AnalysisSnapshot {
 public:
  virtual ~AnalysisSnapshot() = default;

  /// At most `limit` of a device's that are not set aside.
  virtual Result<std::vector<StaleWindow>> stale_windows(DeviceNumber device, WindowOrder order, std::size_t limit) = 0;
  /// How many accepted packets a device has.
  virtual Result<std::int64_t> packets(DeviceNumber device) = 0;
  /// Index by index.
  virtual Result<std::vector<AnalysedDevice>> devices(std::span<const DeviceNumber> numbers) = 0;

  /// The first `limit` of each.
  virtual Result<std::vector<PathFix>> fixes(DeviceNumber device, Seconds range, std::size_t limit = no_limit) = 0;
  virtual Result<std::vector<Sample>> samples(DeviceNumber device, Seconds range, std::size_t limit = no_limit) = 0;
  virtual Result<std::vector<DeviceTime>> sleeps(DeviceNumber device, Seconds range, std::size_t limit = no_limit) = 0;
  static constexpr std::size_t no_limit = static_cast<std::size_t>(-1);

  /// States of tracks whose last fix is in `range`: the first `limit`; and the last one whose last fix is before
  /// `until`.
  virtual Result<std::vector<TrackState>> track_states(DeviceNumber device, Seconds range, std::size_t limit) = 0;
  virtual Result<std::optional<TrackState>> last_track_state(DeviceNumber device, Second until) = 0;
  /// States of chains whose last near second is in `range`, sorted by pair and time: all of a device, or the last one
  /// of a pair before `until`.
  virtual Result<std::vector<OfPair<ChainState>>> chain_states(DeviceNumber device, Seconds range) = 0;
  virtual Result<std::optional<ChainState>> last_chain_state(DeviceNumber a, DeviceNumber b, Second until) = 0;

  /// That have a second of `range`.
  virtual Result<std::vector<Track>> tracks(DeviceNumber device, Seconds range) = 0;
  /// Of buckets that begin within `range`, by key.
  virtual Result<std::vector<ActivitySum>> activity(DeviceNumber device, Seconds range) = 0;
  /// That have a second of `range`, of the device with any other, sorted by pair and time.
  virtual Result<std::vector<OfPair<Contact>>> contacts(DeviceNumber device, Seconds range) = 0;
  virtual Result<std::vector<OfPair<JointWalk>>> joint_walks(DeviceNumber device, Seconds range) = 0;

  /// Sorted, of slices first to last.
  virtual Result<std::vector<PlaceCell>> places(DeviceNumber device, Second first_slice, Second last_slice) = 0;
  /// Who was in some cells: sorted by device and slice, each pair once.
  virtual Result<std::vector<std::pair<DeviceNumber, Second>>> devices_at(std::span<const PlaceCell> cells) = 0;
};

/// One thread; calls block, and hold up ingest no longer than a commit. Errc::unavailable and Errc::broken are of the
/// store as a whole, and never of a device: try again later.
class AnalysisStore {
 public:
  virtual ~AnalysisStore() = default;

  /// Devices with windows that begin at `since` or later and are not set aside, those with the least numbers above
  /// `after`.
  virtual Result<std::vector<DeviceNumber>> devices_stale_since(DeviceTime since, std::int64_t after,
                                                                std::size_t limit) = 0;
  /// Of the devices with such windows that begin before `until` the one with the least number above `after`; none at
  /// the end.
  virtual Result<std::optional<DeviceNumber>> next_device_stale_before(DeviceTime until, std::int64_t after) = 0;

  virtual Result<std::int64_t> count_stale_windows() = 0;

  /// Leaves a stale window out until `retry_at`, also after a restart. Nothing where it is no longer stale.
  virtual Result<void> set_aside(const SetAside& window) = 0;
  /// All whose analysis failed, also those that wait no more: until they are analysed. At most `limit`, by device.
  virtual Result<std::vector<SetAside>> windows_set_aside(std::size_t limit) = 0;
  virtual Result<std::int64_t> count_set_aside() = 0;
  /// How often the analysis of a window failed since it was last analysed.
  virtual Result<std::int64_t> count_failures(const StaleWindow& window) = 0;
  /// From now on those whose time has come are no longer left out.
  virtual Result<void> retry_set_aside(ServerTime now) = 0;

  virtual Result<RulesInUse> rules() = 0;
  virtual Result<void> put_rules(const RulesInUse& rules) = 0;
  /// The device with the least number above `after` that was ever heard; none at the end.
  virtual Result<std::optional<DeviceNumber>> next_device(std::int64_t after) = 0;
  /// Every window of a device that has packets; in pieces that hold up nobody.
  virtual Result<void> mark_all_stale(DeviceNumber device) = 0;

  /// So that two do not do the same work: whether nobody else has locked the device. Ends with release(), or when the
  /// connection does. What is written is right without it.
  virtual Result<bool> lock(DeviceNumber device) = 0;
  virtual void release(DeviceNumber device) = 0;

  /// At most one at a time, and none while something is written.
  virtual Result<std::unique_ptr<AnalysisSnapshot>> snapshot() = 0;

  /// What follows from one snapshot is written on the same connection: when that was lost in between, the version
  /// counts as past.

  /// Where the device was, for others to find it: committed before it looks for them, so that of two that look at once
  /// at least one sees the other. Returns its new version; nothing, and nothing is written, when `version` is past
  /// or the device was erased.
  virtual Result<std::optional<AnalysisVersion>> put_places(DeviceNumber device, AnalysisVersion version,
                                                            const RowChanges<PlaceCell>& changes) = 0;

  /// Writes all of it and clears its windows in one transaction; a window to which packets came meanwhile stays. False,
  /// and nothing is written, when a version is past: read anew. Errc::conflict: rows are to be made by other rules.
  virtual Result<bool> finish(const Analysis& analysis) = 0;
};

}  // namespace packwalk
