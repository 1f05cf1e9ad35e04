#pragma once

#include <memory>

#include "adapters/sql/connection.h"
#include "ports/ingest_store.h"

namespace packwalk::sql {

/// Whether stored messages are also listed for the archive, in the same transaction.
enum class ListForArchive { no, yes };

/// The ingest store of every SQL database that has a driver. Owns the connection.
std::unique_ptr<IngestStore> make_sql_ingest_store(std::unique_ptr<Connection> connection,
                                                   ListForArchive listing = ListForArchive::no);

}  // namespace packwalk::sql
