// `packwalk device list`
#pragma once

#include "packwalk/installation/installation_options.h"

namespace packwalk {

/// Prints each device as CSV or JSON: when it was last seen, its counts, and its last refusal. Returns an exit code.
int list_devices(const InstallationOptions& options, bool json);

}  // namespace packwalk
