// Checks that a server runs in a data folder, is ready, and can be reached.
#pragma once

#include <vector>

#include "base/finding.h"
#include "packwalk/installation/installation.h"

namespace packwalk {

/// Requests /readyz at the address in the file `listen`, with a timeout of some seconds.
std::vector<Finding> examine_server(const Installation& installation);

}  // namespace packwalk
