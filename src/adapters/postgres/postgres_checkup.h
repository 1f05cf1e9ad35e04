// Checks a PostgreSQL database.
#pragma once

#include <string>
#include <vector>

#include "base/finding.h"
#include "ports/clock.h"

namespace packwalk {

/// Checks the server at `url`, its version, the schema, the user's privileges, the settings, the disk (writes a
/// megabyte and rolls back), the clock, and the partitions of the next days.
std::vector<Finding> examine_postgres(const std::string& url, Clock& clock);

}  // namespace packwalk
