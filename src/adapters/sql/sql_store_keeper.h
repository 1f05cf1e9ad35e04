#pragma once

#include <memory>

#include "adapters/sql/connection.h"
#include "ports/store_keeper.h"

namespace packwalk::sql {

/// The maintenance that is the same in every SQL database: the outbox. Owns the connection.
std::unique_ptr<StoreKeeper> make_sql_store_keeper(std::unique_ptr<Connection> connection);

}  // namespace packwalk::sql
