// Whether a server runs in a data folder, is ready, and can be reached.
#pragma once

#include <vector>

#include "base/finding.h"
#include "packwalk/installation/config.h"
#include "packwalk/installation/data_directory.h"

namespace packwalk {

/// Asks the address in the file `listen` for /readyz, for some seconds at most.
std::vector<Finding> examine_server(const DataDirectory& directory, const Config& config);

}  // namespace packwalk
