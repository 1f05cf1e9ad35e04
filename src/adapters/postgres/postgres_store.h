// The store of an installation with several processes: one PostgreSQL database.
#pragma once

#include <memory>
#include <string>

#include "adapters/postgres/replicated_query_store.h"
#include "adapters/postgres/watch.h"
#include "adapters/sql/sql_ingest_store.h"
#include "ports/store.h"

namespace packwalk {

/// In the database at `url`, whose schema migrate_postgres() has created. Its parts connect at their first use, and
/// reconnect if necessary. Its query stores read from the replicas. `listing`: whether messages are listed for an
/// archive. `patience`: the longest silence of the database before a connection is closed.
std::unique_ptr<Store> make_postgres_store(std::string url, sql::ReplicaOptions replicas = {},
                                           sql::ListForArchive listing = sql::ListForArchive::no,
                                           std::chrono::seconds patience = sql::usual_patience);

}  // namespace packwalk
