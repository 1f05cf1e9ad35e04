// The pack walks of a device, read from the joint walks of all that are in them.
#pragma once

#include <optional>
#include <vector>

#include "ports/query_store.h"

namespace packwalk {

/// How far a pack walk is followed from dog to dog, and how much one page costs; in numbers that a town does not reach.
struct PackWalkBounds {
  std::size_t walks_max = 5000;           // joint walks of one pack walk
  std::size_t page_walks_max = 20'000;    // that are read for one page: where it is reached, the page ends
  std::size_t page_questions_max = 2000;  // to the store: the same
};

/// All joint walks that belong together, in the order of time, with three devices or more.
struct FoundPackWalk {
  std::vector<OfPair<JointWalk>> walks;
  bool cut = false;  // there are more than `walks_max`, and not all of them are here
};

struct PackWalkPage {
  std::vector<FoundPackWalk> pack_walks;
  std::optional<WalkCursor> next;  // none: there are no more. A page may have fewer than it may have, even none
};

struct PackWalkQuery {
  DeviceNumber device;
  TimeRange range;
  WalkCursor after{};
  Paging page = 0;
};

/// The pack walks in which the device was with anyone in a second of `range`, those behind `after` in the order of the
/// page: by the device's first such joint walk. Each is followed beyond the range to all joint walks that belong to it
/// (core/walk/pack_walk.h). Costs some questions a device. Two pages may tell of different moments, when analysis
/// works between them.
Result<PackWalkPage> find_pack_walks(QueryStore& store, const PackWalkQuery& query, const PackWalkBounds& bounds = {});

}  // namespace packwalk
