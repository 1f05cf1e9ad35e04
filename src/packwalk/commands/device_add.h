// `packwalk device add`
#pragma once

#include "packwalk/commands/device_options.h"

namespace packwalk {

inline constexpr std::size_t devices_at_once_max = 10'000'000;

/// Adds devices and prints their tokens. Returns an exit code.
int add_devices(const DeviceOptions& options);

}  // namespace packwalk
