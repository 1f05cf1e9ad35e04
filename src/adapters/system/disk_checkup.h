// Checks the free disk space of a folder.
#pragma once

#include <string>
#include <vector>

#include "base/finding.h"

namespace packwalk {

/// Checks the file system of `folder`, which need not exist yet.
std::vector<Finding> examine_disk(const std::string& folder);

}  // namespace packwalk
