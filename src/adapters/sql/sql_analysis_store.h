#pragma once

#include <memory>

#include "adapters/sql/connection.h"
#include "ports/analysis_store.h"

namespace packwalk::sql {

/// The analysis store of every SQL database that has a driver. Owns the connection.
std::unique_ptr<AnalysisStore> make_sql_analysis_store(std::unique_ptr<Connection> connection);

}  // namespace packwalk::sql
