// The outbox in any SQL database.
#pragma once

#include <memory>

#include "adapters/sql/connection.h"
#include "ports/outbox.h"

namespace packwalk::sql {

std::unique_ptr<Outbox> make_sql_outbox(std::unique_ptr<Connection> connection);

}  // namespace packwalk::sql
