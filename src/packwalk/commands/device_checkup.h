// How each device is doing: when it was last seen, and why nothing comes of it.
#pragma once

#include <vector>

#include "base/finding.h"
#include "ports/device_health.h"

namespace packwalk {

/// Of some devices each; of many, how many they are and the first of those that are refused or silent. Nothing where
/// the store does not answer.
std::vector<Finding> examine_devices(DeviceHealth& health, ServerTime now);

}  // namespace packwalk
