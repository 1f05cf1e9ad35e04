// The port ArchiveSource on PostgreSQL.
#pragma once

#include <memory>
#include <string>

#include "ports/archive_source.h"

namespace packwalk {

/// In the database at `url`, whose schema migrate_postgres() made.
std::unique_ptr<ArchiveSource> make_postgres_archive_source(std::string url);

/// Makes the index through which messages are found by their arrival, unless it is there. Writers wait while that of a
/// full table is made.
Result<void> index_arrivals(const std::string& url);

}  // namespace packwalk
