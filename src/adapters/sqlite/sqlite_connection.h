// The SQL driver for SQLite, and the database file of an installation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "adapters/sql/connection.h"

namespace packwalk::sql {

/// Opens or creates the database at `path`, in WAL mode with synchronous=FULL, and migrates its schema in one
/// transaction. Its page cache has at most `cache_bytes`, by default 2 MiB. Deleted data is overwritten. Errc::broken:
/// its schema is newer than this program, or it is not a database, or damaged.
Result<std::unique_ptr<Connection>> open_sqlite(const std::string& path,
                                                std::optional<std::size_t> cache_bytes = std::nullopt);

/// For rows that can be recomputed. The connection gives way to other writers of this process (WriterTurns::Waiting).
/// Its commits reach the disk with the next commit of a connection of open_sqlite(), or a little later. A crash loses
/// the last commits as a whole.
Result<std::unique_ptr<Connection>> open_sqlite_in_background(const std::string& path);

/// A read-only connection to a database of open_sqlite(). Never waits for a writer, and never blocks one.
Result<std::unique_ptr<Connection>> open_sqlite_reader(const std::string& path);

/// The same, only for the schema of this program. Errc::conflict: the schema is older. Errc::broken: it is newer.
Result<std::unique_ptr<Connection>> open_sqlite_auditor(const std::string& path);

/// The schema version of the database, and that of this program.
struct SchemaVersions {
  std::int64_t found = 0;
  std::int64_t known = 0;
};
/// Changes nothing.
Result<SchemaVersions> sqlite_schema(const std::string& path);

}  // namespace packwalk::sql
