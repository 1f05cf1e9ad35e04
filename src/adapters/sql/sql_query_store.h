#pragma once

#include <functional>
#include <memory>

#include "adapters/sql/connection.h"
#include "ports/query_store.h"

namespace packwalk::sql {

/// Opens one more connection that only reads.
using ConnectReader = std::function<Result<std::unique_ptr<Connection>>()>;

/// The query store of every SQL database that has a driver. Keeps as many connections as there were questions at once.
std::unique_ptr<QueryStore> make_sql_query_store(ConnectReader connect);

}  // namespace packwalk::sql
