// Examines the files of the journal.
#pragma once

#include <string>
#include <vector>

#include "base/finding.h"

namespace packwalk::journal {

/// Damaged files are a fault, dead letters a doubt; nothing where there is no journal. Reads only, also beside a server
/// that runs.
std::vector<Finding> examine_journal(const std::string& folder);

}  // namespace packwalk::journal
