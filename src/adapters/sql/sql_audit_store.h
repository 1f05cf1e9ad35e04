// The port AuditStore on a SQL database.
#pragma once

#include <memory>

#include "adapters/sql/connection.h"
#include "ports/audit_store.h"

namespace packwalk::sql {

std::unique_ptr<AuditStore> make_sql_audit_store(std::unique_ptr<Connection> connection);

}  // namespace packwalk::sql
