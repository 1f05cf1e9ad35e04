// The schema of a PostgreSQL database and its version.
#pragma once

#include <cstdint>
#include <string>

#include "adapters/postgres/client.h"

namespace packwalk::sql {

/// Of this program.
extern const std::int64_t postgres_schema_version;

/// Connected to the database at `url`. Errc::broken when its schema is newer than this program, Errc::unavailable
/// when it is older, or when nobody answers.
Result<Client> connect_to_migrated(const std::string& url);

/// The same for what can be made anew: a commit does not wait for the disk; a crash loses the last of them whole.
Result<Client> connect_without_flush(const std::string& url);

/// The same for questions: the server ends what it does for a client that closes its connection.
Result<Client> connect_reader(const std::string& url);

/// Brings the schema up to date in one transaction, or waits for another program that does. Errc::broken when it is
/// newer than this program. Returns the version before.
Result<std::int64_t> migrate_postgres(const std::string& url);

}  // namespace packwalk::sql
