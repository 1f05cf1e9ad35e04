// Checks the files of the journal.
#pragma once

#include <string>
#include <vector>

#include "base/finding.h"

namespace packwalk::journal {

/// Damaged files are a fault, dead letters a doubt. Adds nothing without a journal. Only reads; works beside a running
/// server.
std::vector<Finding> examine_journal(const std::string& folder);

}  // namespace packwalk::journal
