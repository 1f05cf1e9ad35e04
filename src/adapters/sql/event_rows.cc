#include "adapters/sql/event_rows.h"

#include <vector>

namespace packwalk::sql {
namespace {

constexpr const char* insert_event =
    "INSERT INTO events (device, kind, key, device_time, caused_at, body) VALUES ($1, $2, $3, $4, $5, $6) "
    "ON CONFLICT (device, key) DO NOTHING";

}  // namespace

Result<void> insert_events(Connection& connection, std::span<const NewEvent> events) {
  if (events.empty()) return {};
  std::vector<std::string> texts;  // the cells point to them
  texts.reserve(events.size() * 2);
  std::vector<Value> cells;
  for (const auto& [event, caused_at] : events) {
    const std::string_view its_key = texts.emplace_back(key(event));
    const std::string_view body = texts.emplace_back(to_json(event));
    cells.insert(cells.end(),
                 {cell(device_of(event)), kind_of(event), its_key, cell(time_of(event)), cell(caused_at), body});
  }
  auto added = connection.execute_many(insert_event, cells);
  if (!added) return added.failure();
  return {};
}

}  // namespace packwalk::sql
