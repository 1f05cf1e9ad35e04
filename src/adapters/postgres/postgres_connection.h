// The SQL driver for PostgreSQL.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "adapters/postgres/postgres_session.h"
#include "adapters/sql/connection.h"

namespace packwalk::sql {

/// Connects to `url` at its first use. If the connection is lost in a transaction, that one fails; the next begin() or
/// query() reconnects. Closes the connection if the server is silent for `patience`, or at the limits of the work
/// (base/work_limits.h).
std::unique_ptr<Connection> make_postgres_connection(std::string url, ConnectClient connect,
                                                     std::chrono::seconds patience = usual_patience);

}  // namespace packwalk::sql
