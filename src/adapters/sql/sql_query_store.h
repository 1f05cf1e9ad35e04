#pragma once

#include <memory>

#include "adapters/sql/reader_pool.h"
#include "ports/query_store.h"

namespace packwalk::sql {

/// The query store of every SQL database that has a driver.
/// How the database sorts texts if it is not told otherwise.
enum class TextOrder { of_bytes, of_language };

std::unique_ptr<QueryStore> make_sql_query_store(ConnectReader connect, TextOrder text_order);

}  // namespace packwalk::sql
