// Port: the queries of the store, except for messages (ports/message_reader.h). Contract:
// tests/contract/query_store_test.cc.
#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/activity/activity.h"
#include "core/state/current_state.h"
#include "core/walk/joint_walk.h"
#include "ports/device_registry.h"
#include "ports/of_pair.h"
#include "ports/paging.h"

namespace packwalk {

/// Half-open: from <= t < until.
struct TimeRange {
  DeviceTime from{};
  DeviceTime until{};

  bool empty() const { return until <= from; }
};

/// The end of a page of joint walks, which are sorted by their first second, then by the devices' numbers.
struct WalkCursor {
  Second from = std::numeric_limits<Second>::min();
  DeviceNumber a;
  DeviceNumber b;

  friend auto operator<=>(const WalkCursor&, const WalkCursor&) = default;
};
inline WalkCursor cursor_of(const OfPair<JointWalk>& walk) { return {walk.of.from, walk.a, walk.b}; }
/// Where the first page begins: before all joint walks, or after all.
inline WalkCursor first_walk_cursor(TimeOrder order) {
  constexpr auto last = std::numeric_limits<std::int64_t>::max();
  return order == TimeOrder::oldest_first ? WalkCursor{} : WalkCursor{last, DeviceNumber{last}, DeviceNumber{last}};
}

/// A device with which another one walked.
struct Companion {
  DeviceNumber device;
  std::int64_t joint_walks = 0;
  std::int64_t seconds_together = 0;
  Second from = 0;  // of their first joint walk
  Second to = 0;    // of the last

  friend bool operator==(const Companion&, const Companion&) = default;
};

/// The end of a page of companions, which are sorted by their time together, the longest first, then by number.
struct CompanionCursor {
  std::int64_t seconds_together = std::numeric_limits<std::int64_t>::max();
  DeviceNumber device;
};
inline CompanionCursor cursor_of(const Companion& companion) { return {companion.seconds_together, companion.device}; }

/// A device, and when it was last seen.
struct ListedDevice {
  RegisteredDevice device;
  std::optional<ServerTime> last_seen;
};

/// Thread-safe; calls block, and never block a writer. Errc::unavailable: try again. A Paging that is backwards gives
/// the same rows in the opposite order, the newest first.
class QueryStore {
 public:
  virtual ~QueryStore() = default;

  /// Devices whose id begins with `prefix` and comes after `after`, by id (in the order of its bytes), at most `limit`.
  /// Removed ones too, and none that is erased or is being erased.
  virtual Result<std::vector<ListedDevice>> devices(std::string_view prefix, std::string_view after,
                                                    std::size_t limit) = 0;

  /// Fixes in `range`, by time.
  virtual Result<std::vector<Fix>> fixes(DeviceNumber device, TimeRange range, Paging page) = 0;
  virtual Result<std::vector<Sample>> samples(DeviceNumber device, TimeRange range, std::size_t limit) = 0;

  /// Tracks that have a second of `range`, by time.
  virtual Result<std::vector<Track>> tracks(DeviceNumber device, TimeRange range, Paging page) = 0;

  /// Sums of the quarters of an hour that begin in `range`, by key: at most ten for each.
  virtual Result<std::vector<ActivitySum>> activity(DeviceNumber device, TimeRange range) = 0;

  /// Joint walks of a device with any other that have a second of `range`: those behind `after` in the order of the
  /// page.
  virtual Result<std::vector<OfPair<JointWalk>>> joint_walks(DeviceNumber device, TimeRange range,
                                                             const WalkCursor& after, Paging page) = 0;
  /// The same of one pair; `a` has the lower id.
  virtual Result<std::vector<OfPair<JointWalk>>> joint_walks_of_pair(DeviceNumber a, DeviceNumber b, TimeRange range,
                                                                     const WalkCursor& after, Paging page) = 0;
  /// The devices with which a device had joint walks in a second of `range`; each such walk counts as a whole. At most
  /// `limit` after `after`.
  virtual Result<std::vector<Companion>> companions(DeviceNumber device, TimeRange range, const CompanionCursor& after,
                                                    std::size_t limit) = 0;

  /// A fresh state for a device that has sent nothing.
  virtual Result<CurrentState> state(DeviceNumber device) = 0;

  /// The last fix of every device that has one, in the order of their numbers. Errc::corrupt: some rows are impossible;
  /// all others were passed on.
  virtual Result<void> each_position(const std::function<void(const DevicePosition&)>& take) = 0;
};

}  // namespace packwalk
