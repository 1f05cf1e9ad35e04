// What analysis reads of a SQL database.
#pragma once

#include <memory>

#include "adapters/sql/connection.h"
#include "ports/analysis_store.h"

namespace packwalk::sql {

/// Of a connection in a transaction that only reads, which the snapshot ends. The connection outlives it.
std::unique_ptr<AnalysisSnapshot> make_sql_analysis_snapshot(Connection& connection);

}  // namespace packwalk::sql
