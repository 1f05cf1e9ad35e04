// Whether a ClickHouse can do what Packwalk needs of it.
#pragma once

#include <vector>

#include "adapters/clickhouse/clickhouse_archive.h"
#include "base/finding.h"
#include "ports/clock.h"

namespace packwalk {

/// Looks at who answers, its version, its clock, and whether the table is there and keeps no doubles.
std::vector<Finding> examine_clickhouse(const ArchiveOptions& options, Clock& clock);

}  // namespace packwalk
