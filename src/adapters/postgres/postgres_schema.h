// The schema of a PostgreSQL database and its version.
#pragma once

#include <cstdint>
#include <string>

#include "adapters/postgres/client.h"

namespace packwalk::sql {

/// Of this program.
extern const std::int64_t postgres_schema_version;

/// Connected to the database at `url`. Errc::broken: its schema is newer than this program. Errc::unavailable: its
/// schema is older, or no server answers.
Result<Client> connect_to_migrated(const std::string& url);

/// The same for data that can be recomputed: a commit does not wait for the disk. A crash loses the last commits as a
/// whole.
Result<Client> connect_without_flush(const std::string& url);

/// The same for queries: the server cancels the work of a client that closes its connection.
Result<Client> connect_reader(const std::string& url);

/// Migrates the schema in one transaction, or waits for another process that does. Returns the previous version.
/// Errc::broken: the schema is newer than this program.
Result<std::int64_t> migrate_postgres(const std::string& url);

}  // namespace packwalk::sql
