// Keeps a PostgreSQL database in order: partitions ahead of time, those that are too old, and the outbox.
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
