// Whether a database can do what Packwalk needs of it.
#pragma once

#include <string>
#include <vector>

#include "base/finding.h"
#include "ports/clock.h"

namespace packwalk {

/// Looks at who answers at `url`, its version, the schema, what its user may do, its settings, its disk (it
/// writes a megabyte and takes it back), its clock, and the partitions of the days to come.
std::vector<Finding> examine_postgres(const std::string& url, Clock& clock);

}  // namespace packwalk
