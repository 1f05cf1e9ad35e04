// Port: the data of analysis: stale windows, fixes and samples, and the rows that derive from them. Contract:
// tests/contract/analysis_store_test.cc.
//
// Derived rows are right for any order of packets, any number of analysing processes, and any crash, because a row that
// may be wrong always has a stale window that will correct it. Ingest marks a window in the transaction that stores its
// packet. finish() clears a window only if the analysis has read all its packets. It writes rows of two devices only if
// neither was analysed since they were read, so unread data of the other device is marked. A long track or chain of
// contacts is not recomputed from its beginning, but from a stored state (a checkpoint). A state, like a row, is wrong
// only if there is a stale window at or before it, or so shortly after it that packets there change the path at its
// time (core/walk/touched_seconds.h). A turn marks the rest of its work (Analysis::marked) in the transaction that
// clears its windows. A window that cannot be analysed stays marked but is set aside for a while. All processes must
// use the same rules (others are refused: rules()), and fixes must be kept: rows of fixes that retention dropped stay
// only until something near them becomes stale.
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

/// The number of analyses of a device; 0: never analysed.
using AnalysisVersion = std::int64_t;

struct AnalysedDevice {
  DeviceNumber number;
  std::string id;  // empty if the registry does not have it
  AnalysisVersion version = 0;
  bool is_erased = false;  // or being erased: then no device may have rows with it
};

/// A marked window, and its number of packets when it was read.
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

/// The rules of the stored rows; empty in a new store.
struct RulesInUse {
  std::string text;
  /// After a change of rules, all windows become stale: this is done for devices up to this number. Empty: for all.
  std::optional<std::int64_t> marked_until;

  friend bool operator==(const RulesInUse&, const RulesInUse&) = default;
};

/// The result of an analysis of a device.
struct Analysis {
  DeviceNumber device;
  std::string rules;                                               // text_of() of its rules
  std::vector<std::pair<DeviceNumber, AnalysisVersion>> versions;  // of it and of all others that have rows here
  std::int64_t packets = 0;                                        // accepted packets of the device when they were read
  std::vector<ReadWindow> windows;
  RowChanges<Track> tracks;
  RowChanges<ActivitySum> activity;
  RowChanges<OfPair<Contact>> contacts;
  RowChanges<OfPair<JointWalk>> walks;
  RowChanges<TrackState> track_states;
  RowChanges<OfPair<ChainState>> chain_states;
  std::vector<StaleWindow> marked;  // of the device: windows from which a longer track or chain continues
};

/// A window that could not be analysed.
struct SetAside {
  StaleWindow window;
  std::int64_t failures = 0;  // consecutive failures
  ServerTime retry_at{};
  std::string reason;

  friend bool operator==(const SetAside&, const SetAside&) = default;
};

enum class WindowOrder { oldest_first, newest_first };

/// The store at one moment, independent of later writes. Ranges of seconds include both ends; all lists are in the
/// order of time.
class AnalysisSnapshot {
 public:
  virtual ~AnalysisSnapshot() = default;

  /// At most `limit` windows of a device that are not set aside.
  virtual Result<std::vector<StaleWindow>> stale_windows(DeviceNumber device, WindowOrder order, std::size_t limit) = 0;
  /// The number of accepted packets of a device.
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
  /// The devices in some cells: sorted by device and slice, each pair once.
  virtual Result<std::vector<std::pair<DeviceNumber, Second>>> devices_at(std::span<const PlaceCell> cells) = 0;
};

/// One thread; calls block, and delay ingest at most for a commit. Errc::unavailable and Errc::broken concern the store
/// as a whole, never one device: try again later.
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

  /// Sets a stale window aside until `retry_at`, also across restarts. Does nothing if it is no longer stale.
  virtual Result<void> set_aside(const SetAside& window) = 0;
  /// All windows whose analysis failed, until they are analysed, including those that no longer wait. At most `limit`,
  /// by device.
  virtual Result<std::vector<SetAside>> windows_set_aside(std::size_t limit) = 0;
  virtual Result<std::int64_t> count_set_aside() = 0;
  /// The number of failures of a window since its last analysis.
  virtual Result<std::int64_t> count_failures(const StaleWindow& window) = 0;
  /// Ends the wait of windows whose time has come.
  virtual Result<void> retry_set_aside(ServerTime now) = 0;

  virtual Result<RulesInUse> rules() = 0;
  virtual Result<void> put_rules(const RulesInUse& rules) = 0;
  /// The device with the least number above `after` that has sent something; empty at the end.
  virtual Result<std::optional<DeviceNumber>> next_device(std::int64_t after) = 0;
  /// Marks every window of a device with packets, in pieces that do not block others.
  virtual Result<void> mark_all_stale(DeviceNumber device) = 0;

  /// Locks a device, so that two processes do not do the same work. Returns whether it succeeded. The lock ends with
  /// release() or with the connection. Writes are correct without it.
  virtual Result<bool> lock(DeviceNumber device) = 0;
  virtual void release(DeviceNumber device) = 0;

  /// At most one snapshot at a time, and none during a write.
  virtual Result<std::unique_ptr<AnalysisSnapshot>> snapshot() = 0;

  /// The results of a snapshot must be written on the same connection: if it was lost in between, the version counts as
  /// past.

  /// Writes the cells of a device, by which others find it. Commit them before it searches for others, so that of two
  /// devices that search at once, at least one finds the other. Returns the new version. Empty, without a write, if
  /// `version` is past or the device was erased.
  virtual Result<std::optional<AnalysisVersion>> put_places(DeviceNumber device, AnalysisVersion version,
                                                            const RowChanges<PlaceCell>& changes) = 0;

  /// Writes the result and clears its windows in one transaction; a window with new packets stays. False, without a
  /// write, if a version is past: read again. Errc::conflict: the store has other rules.
  virtual Result<bool> finish(const Analysis& analysis) = 0;
};

}  // namespace packwalk
