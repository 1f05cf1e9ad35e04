// Checks a ClickHouse server.
#pragma once

#include <vector>

#include "adapters/clickhouse/clickhouse_archive.h"
#include "base/finding.h"
#include "ports/clock.h"

namespace packwalk {

/// Checks the connection, the version, the clock, and that the table exists and keeps no duplicates.
std::vector<Finding> examine_clickhouse(const ArchiveOptions& options, Clock& clock);

}  // namespace packwalk
