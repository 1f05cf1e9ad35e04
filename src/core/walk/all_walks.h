// The contacts and joint walks of all pairs of many devices.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "core/walk/encounters.h"
#include "core/walk/joint_walk.h"

namespace packwalk {

struct PairTogether {
  Pair pair;
  std::vector<Contact> contacts;
  std::vector<JointWalk> walks;
};

/// Of every pair that was ever near each other, sorted by pair. `progress` as of Encounters.
std::vector<PairTogether> all_walks_of(std::span<const std::span<const PathPoint>> paths, const TrackRules& tracks,
                                       const WalkRules& walks, const std::function<void(std::size_t)>& progress = {});

}  // namespace packwalk
