// The state of each device: when it was last seen, and why its packets are refused.
#pragma once

#include <vector>

#include "base/finding.h"
#include "ports/device_health.h"

namespace packwalk {

/// Lists each device if they are few. If they are many, counts them and lists the first that are refused or silent.
/// Adds nothing if the store does not answer.
std::vector<Finding> examine_devices(DeviceHealth& health, ServerTime now);

}  // namespace packwalk
