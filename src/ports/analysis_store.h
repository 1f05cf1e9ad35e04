// Port: what analysis reads and writes: stale windows, fixes and samples, and the rows that are derived from them.
// Contract: tests/contract/analysis_store_test.cc.
//
// Derived rows are right whatever the order in which packets come, how many analyse, and who dies when, because of
// this: a row that may be wrong always has a stale window that will mend it. Ingest marks a window in the transaction
// that keeps its packet. finish() clears one only if it has no packet that the analysis had not read, and writes rows
// of two devices only if neither was analysed since they were read: so what the other device has that was not read is
// marked. It presupposes that all analyse by the same rules (who does not is refused: rules()), and that fixes are
// kept: rows of those that a policy dropped stay only as long as nothing about them becomes stale.
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

/// Rows that go, and rows that come or take the place of those with their keys.
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
};

enum class WindowOrder { oldest_first, newest_first };

/// The store at one moment, whatever is written meanwhile. Ranges of seconds have both ends; all lists are in the order
/// of time.
class AnalysisPicture {
 public:
  virtual ~AnalysisPicture() = default;

  /// At most `limit` of a device's.
  virtual Result<std::vector<StaleWindow>> stale_windows(DeviceNumber device, WindowOrder order, std::size_t limit) = 0;
  /// How many accepted packets a device has.
  virtual Result<std::int64_t> packets(DeviceNumber device) = 0;
  /// Place by place.
  virtual Result<std::vector<AnalysedDevice>> devices(std::span<const DeviceNumber> numbers) = 0;

  /// These three: Errc::too_large for more than so many.
  static constexpr std::size_t packets_max = 3'000'000;
  virtual Result<std::vector<PathFix>> fixes(DeviceNumber device, Seconds range) = 0;
  virtual Result<std::vector<Sample>> samples(DeviceNumber device, Seconds range) = 0;
  virtual Result<std::vector<DeviceTime>> sleeps(DeviceNumber device, Seconds range) = 0;

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

/// One thread; calls block, and hold up ingest no longer than a commit. Errc::unavailable: try again later.
class AnalysisStore {
 public:
  virtual ~AnalysisStore() = default;

  /// Devices with windows that begin at `since` or later, those with the least numbers above `after`.
  virtual Result<std::vector<DeviceNumber>> devices_stale_since(DeviceTime since, std::int64_t after,
                                                                std::size_t limit) = 0;
  /// Of the devices with windows that begin before `until` the one with the least number above `after`; none at the
  /// end.
  virtual Result<std::optional<DeviceNumber>> next_device_stale_before(DeviceTime until, std::int64_t after) = 0;

  virtual Result<std::int64_t> count_stale_windows() = 0;

  virtual Result<RulesInUse> rules() = 0;
  virtual Result<void> put_rules(const RulesInUse& rules) = 0;
  /// The device with the least number above `after` that was ever heard; none at the end.
  virtual Result<std::optional<DeviceNumber>> next_device(std::int64_t after) = 0;
  /// Every window of a device that has packets; in pieces that hold up nobody.
  virtual Result<void> mark_all_stale(DeviceNumber device) = 0;

  /// So that two do not do the same work: whether nobody else has claimed the device. Ends with release(), or when the
  /// connection does. What is written is right without it.
  virtual Result<bool> claim(DeviceNumber device) = 0;
  virtual void release(DeviceNumber device) = 0;

  /// At most one at a time, and none while something is written.
  virtual Result<std::unique_ptr<AnalysisPicture>> picture() = 0;

  /// What follows from one picture is written on the same connection: when that was lost in between, the version counts
  /// as past.

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
