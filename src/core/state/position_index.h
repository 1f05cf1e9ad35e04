// The current positions of all devices, in memory, found by box.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/state/fix.h"

namespace packwalk {

class PositionTree;

struct BoxQuery {
  GeoBox box;
  DeviceTime earliest;       // older fixes are left out
  DeviceNumber after{};      // only devices with greater numbers: the end of the previous page
  std::size_t limit = 1000;  // greater than 0
};

struct BoxAnswer {
  std::vector<DevicePosition> positions;  // of the devices with the least numbers, `limit` at most
  bool more = false;                      // then `positions` is sorted by number, and the last one is the next `after`
};

/// A point-region quadtree over degrees whose leaves hold whole positions in blocks, so that a box of n hits costs
/// about n sequential reads, in a town as in the ocean. Source: H. Samet, Foundations of Multidimensional and Metric
/// Data Structures (2006), section 1.4.2.2 (bucket PR quadtree).
///
/// Not thread-safe. A position costs some 80 bytes.
class PositionIndex {
 public:
  PositionIndex();
  ~PositionIndex();

  /// Adds or moves a device. Ignores a fix that is not newer than the known one. O(depth of the tree). If it throws
  /// because memory ran out, the index is empty.
  void put(const DevicePosition& position);
  void remove(DeviceNumber device);

  std::optional<DevicePosition> find(DeviceNumber device) const;

  /// A walk from page to page meets each device that stays in the box exactly once, however it moves in the meantime.
  /// With `sees`, only devices for which it is true; the limit counts only them.
  using Sees = std::function<bool(DeviceNumber)>;
  BoxAnswer in_box(const BoxQuery& query, const Sees& sees = nullptr) const;

  std::size_t size() const;

 private:
  std::unique_ptr<PositionTree> tree_;
};

}  // namespace packwalk
