// `packwalk device list`
#pragma once

#include "packwalk/installation/installation.h"

namespace packwalk {

/// Prints each device, as CSV or JSON: when it was last seen, what it sent, and its last refusal. Returns an exit code.
int list_devices(const Installation& installation, bool json);

}  // namespace packwalk
