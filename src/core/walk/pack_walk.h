// Walks that several dogs take together.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/walk/near.h"

namespace packwalk {

/// The part of a joint walk that pack walks need: two devices, as any numbers, and the times.
struct PairWalk {
  std::int64_t a = 0;
  std::int64_t b = 0;
  Seconds seconds;
};

/// A group of joint walks, by their indexes in the list, and the devices in them, sorted.
struct PackWalk {
  Seconds seconds;
  std::vector<std::int64_t> devices;
  std::vector<std::size_t> walks;
};

/// Two joint walks that share a device and at least one second belong to the same pack walk, and so on from one to the
/// next; a pack walk has three devices or more. By its first second, then by its devices. O(walks log walks).
std::vector<PackWalk> pack_walks_of(std::span<const PairWalk> walks);

}  // namespace packwalk
