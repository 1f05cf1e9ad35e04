// The archive in ClickHouse: one table, `messages`, over the HTTP interface.
#pragma once

#include <memory>
#include <string>

#include "ports/archive.h"

namespace packwalk {

struct ArchiveOptions {
  std::string url;      // http://user:password@host:port/database
  std::string ca_file;  // whom to believe when the url is https; empty: the system's authorities
  /// How ClickHouse keeps the table. It must be one that replaces rows of equal key.
  std::string engine = "ReplacingMergeTree()";
};

/// Connects at its first use, and again whenever it must. Errc::invalid_input: the url is none.
Result<std::unique_ptr<Archive>> make_clickhouse_archive(const ArchiveOptions& options);

/// Makes the table unless it is there. Several at once are safe. Errc::invalid_input: the engine would keep
/// doubles, or is none.
Result<void> make_archive_table(const ArchiveOptions& options);

}  // namespace packwalk
