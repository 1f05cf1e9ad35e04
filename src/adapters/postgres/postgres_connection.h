// The SQL driver for PostgreSQL.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "adapters/postgres/postgres_session.h"
#include "adapters/sql/connection.h"

namespace packwalk::sql {

/// Connects to `url` at its first use. A connection that is lost in a transaction fails that one; the next begin() or
/// query() connects anew. It is given up when the server is silent for `patience`, or reading must end
/// (base/work_limits.h).
std::unique_ptr<Connection> make_postgres_connection(std::string url, ConnectClient connect,
                                                     std::chrono::seconds patience = usual_patience);

}  // namespace packwalk::sql
