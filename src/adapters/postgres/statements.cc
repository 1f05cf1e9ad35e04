#include "adapters/postgres/statements.h"

#include "adapters/postgres/wire_form.h"
#include "adapters/sql/listed.h"

namespace packwalk::sql {

std::string statement_text(const Table& table, Use use) {
  const std::size_t width = table.columns.size();
  const std::string name = table.name;
  const auto column = [&](std::size_t i) { return std::string(table.columns[i].name); };
  const auto array = [&](std::size_t i) {
    return "$" + std::to_string(i + 1) + "::" + array_name(table.columns[i].type);
  };
  const std::string key = listed(0, table.key_size, ", ", column);
  if (use == Use::copy) {
    return "SAVEPOINT before_copy; COPY " + name + " (" + listed(0, width, ", ", column) +
           ") FROM STDIN WITH (FORMAT binary)";
  }
  if (use == Use::read || use == Use::hold) {
    const auto own = [&](std::size_t i) { return "t." + column(i); };
    const std::string text =
        "SELECT k.key_index, " + listed(0, width, ", ", own) + " FROM unnest(" +
        listed(0, table.key_size, ", ", array) + ") WITH ORDINALITY AS k (" + key + ", key_index) JOIN " + name +
        " t ON " + listed(0, table.key_size, " AND ", [&](std::size_t i) { return own(i) + " = k." + column(i); });
    return use == Use::read ? text
                            : text + " ORDER BY " + listed(0, table.key_size, ", ", own) + " FOR NO KEY UPDATE OF t";
  }
  const std::string insert = "INSERT INTO " + name + " (" + listed(0, width, ", ", column) + ") SELECT * FROM unnest(" +
                             listed(0, width, ", ", array) + ") ON CONFLICT (" + key + ") DO ";
  if (use == Use::insert) return insert + "NOTHING RETURNING " + key;
  return insert + "UPDATE SET " +
         listed(table.key_size, width, ", ", [&](std::size_t i) { return column(i) + " = excluded." + column(i); });
}

}  // namespace packwalk::sql
