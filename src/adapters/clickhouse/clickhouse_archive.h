// The archive in ClickHouse: one table, `messages`, over the HTTP interface.
#pragma once

#include <memory>
#include <string>

#include "ports/archive.h"

namespace packwalk {

struct ArchiveOptions {
  std::string url;      // http://user:password@host:port/database
  std::string ca_file;  // CA bundle that verifies the server if the url is https; empty: the system's
  /// The engine of the table. It must replace rows of equal key.
  std::string engine = "ReplacingMergeTree()";
};

/// Connects at its first use, and reconnects if necessary. Errc::invalid_input: the url is not valid.
Result<std::unique_ptr<Archive>> make_clickhouse_archive(const ArchiveOptions& options);

/// Creates the table if it does not exist. Safe to run concurrently. Errc::invalid_input: the engine is unknown or
/// would keep duplicates.
Result<void> make_archive_table(const ArchiveOptions& options);

}  // namespace packwalk
