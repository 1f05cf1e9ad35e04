// Finds the pack walks of a device from the joint walks of all their members.
#pragma once

#include <optional>
#include <vector>

#include "ports/query_store.h"

namespace packwalk {

/// The limits on the size of a pack walk and the cost of a page, beyond what a town reaches.
struct PackWalkBounds {
  std::size_t walks_max = 5000;           // joint walks of one pack walk
  std::size_t page_walks_max = 20'000;    // joint walks that are read for one page; the page ends there
  std::size_t page_questions_max = 2000;  // queries to the store for one page; the page ends there
};

/// All joint walks that belong together, in the order of time, of at least three devices.
struct FoundPackWalk {
  std::vector<OfPair<JointWalk>> walks;
  bool cut = false;  // it has more than `walks_max` joint walks, so some are missing
};

struct PackWalkPage {
  std::vector<FoundPackWalk> pack_walks;
  std::optional<WalkCursor>
      next;  // empty: this is the last page. A page may have fewer items than its limit, even none
};

struct PackWalkQuery {
  DeviceNumber device;
  TimeRange range;
  WalkCursor after{};
  Paging page = 0;
};

/// The pack walks behind `after` in which the device has a joint walk in a second of `range`, in the order of the page:
/// by the device's first such joint walk. Each is followed beyond the range to all its joint walks
/// (core/walk/pack_walk.h). Costs some queries per device. Two pages may show different moments if analysis works
/// between them.
Result<PackWalkPage> find_pack_walks(QueryStore& store, const PackWalkQuery& query, const PackWalkBounds& bounds = {});

}  // namespace packwalk
