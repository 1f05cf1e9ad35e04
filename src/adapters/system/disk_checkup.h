// Whether a folder has room.
#pragma once

#include <string>
#include <vector>

#include "base/finding.h"

namespace packwalk {

/// Looks at the file system of `folder`, which need not be there yet.
std::vector<Finding> examine_disk(const std::string& folder);

}  // namespace packwalk
