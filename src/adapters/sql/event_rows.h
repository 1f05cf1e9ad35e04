// Events as rows of `events` and `deliveries`.
#pragma once

#include <span>
#include <string>

#include "adapters/sql/sql_rows.h"
#include "ports/ingest_store.h"

namespace packwalk::sql {

/// Adds them in their order, but for those whose key is there already.
Result<void> insert_events(Connection& connection, std::span<const NewEvent> events);

/// Columns kind, body from `column` on. Errc::corrupt.
inline Result<Event> event_at(const Row& row, int column, DeviceNumber device) {
  return event_from_json(row.bytes(column), device, row.bytes(column + 1));
}

}  // namespace packwalk::sql
