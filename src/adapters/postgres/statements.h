// The statements that write and read many rows of a table at once: each column is one array.
#pragma once

#include <string>

#include "adapters/sql/table.h"

namespace packwalk::sql {

/// insert: those whose key is not taken; answers the keys that were added, in any order.
/// put: adds or replaces. read, hold: the index of a key in the arrays, from 1, and all columns of its row; `hold`
/// locks the rows in the order of their keys. copy: for COPY, behind a savepoint `before_copy`.
enum class Use { insert, put, read, hold, copy };

std::string statement_text(const Table& table, Use use);

}  // namespace packwalk::sql
