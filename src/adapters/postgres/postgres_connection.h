// The SQL driver for PostgreSQL.
#pragma once

#include <memory>
#include <string>

#include "adapters/postgres/client.h"
#include "adapters/sql/connection.h"

namespace packwalk::sql {

/// A connection that is lost in a transaction fails that one; the next begin() or query() connects to `url` anew.
std::unique_ptr<Connection> make_postgres_connection(std::string url, Client client);

}  // namespace packwalk::sql
