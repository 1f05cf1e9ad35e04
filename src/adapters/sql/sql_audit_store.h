// The port AuditStore on a SQL database.
#pragma once

#include <memory>

#include "adapters/sql/connection.h"
#include "ports/audit_store.h"

namespace packwalk::sql {

/// `kept_since` asks for microseconds and seconds since 1970, those of KeptSince; none where everything is kept.
std::unique_ptr<AuditStore> make_sql_audit_store(std::unique_ptr<Connection> connection,
                                                 const char* kept_since = nullptr);

}  // namespace packwalk::sql
