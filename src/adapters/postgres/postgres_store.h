// The store of an installation with many programs: one PostgreSQL database.
#pragma once

#include <memory>
#include <string>

#include "adapters/postgres/replicated_query_store.h"
#include "adapters/postgres/watch.h"
#include "adapters/sql/sql_ingest_store.h"
#include "ports/store.h"

namespace packwalk {

/// In the database at `url`, whose schema migrate_postgres() made. Its parts connect at their first use, and again
/// whenever they must. Its query stores ask the replicas. `listing`: whether an archive wants what ingest keeps.
/// `patience`: how long the database may be silent before a connection is given up.
std::unique_ptr<Store> make_postgres_store(std::string url, sql::ReplicaOptions replicas = {},
                                           sql::ListForArchive listing = sql::ListForArchive::no,
                                           std::chrono::seconds patience = sql::usual_patience);

}  // namespace packwalk
