// Whether a server runs in a data folder, is ready, and can be reached.
#pragma once

#include <vector>

#include "base/finding.h"
#include "packwalk/installation/installation.h"

namespace packwalk {

/// Asks the address in the file `listen` for /readyz, for some seconds at most.
std::vector<Finding> examine_server(const Installation& installation);

}  // namespace packwalk
