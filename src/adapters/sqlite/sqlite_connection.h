// The SQL driver for SQLite, and the database file of an installation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "adapters/sql/connection.h"

namespace packwalk::sql {

/// Opens the database at `path` or makes it, in WAL mode with synchronous=FULL, and brings its schema up to date in
/// one transaction. It keeps at most `cache_bytes` of the database in memory; none given: 2 MiB. What it deletes is
/// overwritten. Errc::broken when its schema is newer than this program, when it is no database, or a damaged one.
Result<std::unique_ptr<Connection>> open_sqlite(const std::string& path,
                                                std::optional<std::size_t> cache_bytes = std::nullopt);

/// For rows that can be computed again. The connection gives way to other writers of this process
/// (WriterTurns::Waiting). Its commits reach the disk with the next commit of a connection of open_sqlite(), or a
/// little later. A crash loses the last of them whole.
Result<std::unique_ptr<Connection>> open_sqlite_in_background(const std::string& path);

/// A connection that only reads, for a database that open_sqlite() made. Never waits for a writer, nor holds one up.
Result<std::unique_ptr<Connection>> open_sqlite_reader(const std::string& path);

/// The same for the schema of this program only: Errc::conflict when the database has an older one, Errc::broken
/// when it has a newer one.
Result<std::unique_ptr<Connection>> open_sqlite_auditor(const std::string& path);

/// Which schema the database has, and which one this program makes.
struct SchemaVersions {
  std::int64_t found = 0;
  std::int64_t known = 0;
};
/// Changes nothing.
Result<SchemaVersions> sqlite_schema(const std::string& path);

}  // namespace packwalk::sql
