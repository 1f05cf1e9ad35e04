// The port ArchiveSource on PostgreSQL.
#pragma once

#include <memory>
#include <string>

#include "ports/archive_source.h"

namespace packwalk {

/// In the database at `url`, whose schema migrate_postgres() has created.
std::unique_ptr<ArchiveSource> make_postgres_archive_source(std::string url);

/// Creates the index of messages by arrival, unless it exists. On a full table, writers wait for it.
Result<void> index_arrivals(const std::string& url);

}  // namespace packwalk
