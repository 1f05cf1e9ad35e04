// `packwalk device erase`
#pragma once

#include "packwalk/commands/device_options.h"

namespace packwalk {

/// Erases a device when the operator is sure, and prints what is left of it. Returns an exit code.
int erase_device(const DeviceOptions& options);

}  // namespace packwalk
