// Maintains a PostgreSQL database: creates partitions ahead of time, drops old ones, and cleans the outbox.
#pragma once

#include <memory>
#include <string>

#include "adapters/sql/connection.h"
#include "ports/store_keeper.h"

namespace packwalk::sql {

/// For make_sql_audit_store().
extern const char* const select_kept_since;

/// In the database at `url`, to which `connection` leads too.
std::unique_ptr<StoreKeeper> make_postgres_store_keeper(std::string url, std::unique_ptr<Connection> connection);

}  // namespace packwalk::sql
