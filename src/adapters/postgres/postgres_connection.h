// The SQL driver for PostgreSQL.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "adapters/postgres/client.h"
#include "adapters/sql/connection.h"

namespace packwalk::sql {

using ConnectClient = std::function<Result<Client>(const std::string& url)>;

/// Connects to `url` at its first use. A connection that is lost in a transaction fails that one; the next begin() or
/// query() connects anew. It is given up when the server is silent for `patience`, or reading must end
/// (base/work_limits.h).
std::unique_ptr<Connection> make_postgres_connection(std::string url, ConnectClient connect,
                                                     std::chrono::seconds patience = usual_patience);

}  // namespace packwalk::sql
