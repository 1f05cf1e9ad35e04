#pragma once

#include <memory>

#include "adapters/sql/reader_pool.h"
#include "ports/query_store.h"

namespace packwalk::sql {

/// The query store of every SQL database that has a driver.
std::unique_ptr<QueryStore> make_sql_query_store(ConnectReader connect);

}  // namespace packwalk::sql
