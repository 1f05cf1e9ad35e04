// Files of the journal with unreadable confirmed data, which are kept for the operator.
#pragma once

#include <string>
#include <vector>

#include "adapters/journal/segment.h"

namespace packwalk::journal {

/// Gives a segment a second name that ends in ".damaged", which only the operator removes. Idempotent. Returns its path
/// when that is on disk.
Result<std::string> keep_aside(const std::string& folder, const SegmentName& name);

/// Renames a file that cannot be a segment to such a name. Returns its path.
Result<std::string> move_aside(const std::string& folder, const SegmentName& name);

/// The paths of all damaged files.
Result<std::vector<std::string>> damaged_files_in(const std::string& folder);

}  // namespace packwalk::journal
