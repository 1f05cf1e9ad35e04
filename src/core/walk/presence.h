// The seconds in which the position of a device is known.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/walk/near.h"

namespace packwalk {

/// The seconds for which whereabouts() has a position, as runs in the order of time that do not adjoin. O(path).
std::vector<Seconds> presence_of(std::span<const PathPoint> path);

/// How many seconds are in both, each as of presence_of(). O(runs of both).
std::int64_t common_seconds(std::span<const Seconds> a, std::span<const Seconds> b);

}  // namespace packwalk
