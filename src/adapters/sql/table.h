// The description of a table, by which a driver writes and reads many of its rows at once.
#pragma once

#include <cstddef>
#include <span>

namespace packwalk::sql {

/// PostgreSQL's types; SQLite has one for all whole numbers.
enum class Type { int16, int32, int64, real, text, blob };

struct Column {
  const char* name;
  Type type;
};

/// A table, or some of its columns. The first `key_size` of them are the key, which is unique.
struct Table {
  const char* name;
  std::span<const Column> columns;
  std::size_t key_size;
  bool keys_are_new = false;  // rows are nearly always new: a driver may optimise for it
};

}  // namespace packwalk::sql
