// `packwalk device erase`
#pragma once

#include "packwalk/commands/device_options.h"

namespace packwalk {

/// Erases a device after a confirmation, and prints how many rows remain. Returns an exit code.
int erase_device(const DeviceOptions& options);

}  // namespace packwalk
