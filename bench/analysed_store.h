// Fixes of dogs in a store, and what it takes to analyse them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "core/track/track.h"
#include "ports/store.h"

namespace packwalk::bench {

using FixesOfDog = std::function<std::vector<PathFix>(std::size_t)>;

/// Registers `count` more devices and commits their fixes with what ingest writes beside them, but for the messages.
/// Returns the numbers of the devices.
std::vector<DeviceNumber> keep_dogs(const Store& store, std::size_t count, const FixesOfDog& fixes_of);

/// As the role `analysis` does it, with `workers` threads, until nothing is stale. Returns the seconds it took.
double analyse_all(const Store& store, std::size_t workers);

/// Of these devices with each other.
std::size_t count_joint_walks(const Store& store, const std::vector<DeviceNumber>& devices);

/// The seconds that one device's analysis took. Nothing else of it may be stale.
double analyse_one(const Store& store, DeviceNumber device);

}  // namespace packwalk::bench
