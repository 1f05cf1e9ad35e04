// Files of the journal in which something confirmed cannot be read: kept for the operator.
#pragma once

#include <string>
#include <vector>

#include "adapters/journal/segment.h"

namespace packwalk::journal {

/// Gives a segment a second name that ends in ".damaged", under which nobody but the operator removes it; asked again
/// it does nothing more. Returns its path when that is on disk.
Result<std::string> keep_aside(const std::string& folder, const SegmentName& name);

/// Gives what cannot be a segment such a name instead of its own, whatever it is. Returns its path.
Result<std::string> move_aside(const std::string& folder, const SegmentName& name);

/// The paths of all that were kept aside.
Result<std::vector<std::string>> damaged_files_in(const std::string& folder);

}  // namespace packwalk::journal
