#include "adapters/sql/sql_device_health.h"

#include <utility>
#include <vector>

#include "adapters/sql/sql_rows.h"

namespace packwalk::sql {
namespace {

// An erasure that begins waits for this transaction, or is seen by it.
constexpr const char* upsert_refusal =
    "INSERT INTO device_refusals (device, at, door, reason) SELECT number, CAST($1 AS bigint), CAST($2 AS text), "
    "CAST($3 AS text) FROM devices WHERE number = $4 AND number NOT IN (SELECT device FROM erased_devices) "
    "ON CONFLICT (device) DO UPDATE SET at = excluded.at, door = excluded.door, reason = excluded.reason "
    "WHERE device_refusals.at <= excluded.at";
constexpr const char* select_reports =
    "SELECT d.number, d.id, d.created_at, d.removed_at, s.last_seen, s.fixes, s.samples, s.duplicates, s.conflicts, "
    "s.invalid, r.at, r.door, r.reason FROM devices d LEFT JOIN states s ON s.device = d.number "
    "LEFT JOIN device_refusals r ON r.device = d.number "
    "WHERE d.number NOT IN (SELECT device FROM erased_devices) ORDER BY d.number";

std::optional<ServerTime> time_at(const Row& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(server_time(row.integer(column)));
}

class SqlDeviceHealth final : public DeviceHealth {
 public:
  explicit SqlDeviceHealth(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

  Result<void> note(std::span<const DeviceRefusal> refusals) override {
    if (refusals.empty()) return {};
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return transaction.failure();
    if (auto alone = connection_->be_alone("devices"); !alone) return alone;
    std::vector<Value> cells;
    for (const DeviceRefusal& each : refusals) {
      cells.insert(cells.end(),
                   {cell(each.at), std::string_view(each.door), std::string_view(each.reason), cell(each.device)});
    }
    if (const auto written = connection_->execute_many(upsert_refusal, cells); !written) {
      return written.failure();
    }
    return transaction->commit();
  }

  Result<void> each(const std::function<void(const DeviceReport&)>& take) override {
    return connection_->query(select_reports, {}, [&](const Row& row) {
      auto id = DeviceId::from_text(row.bytes(1));
      if (!id) return;  // nobody can ask for it
      DeviceReport report{.device = {.number = DeviceNumber{row.integer(0)},
                                     .id = *std::move(id),
                                     .created_at = server_time(row.integer(2)),
                                     .removed_at = time_at(row, 3)},
                          .last_seen = time_at(row, 4),
                          .fixes = row.integer(5),
                          .samples = row.integer(6),
                          .duplicates = row.integer(7),
                          .conflicts = row.integer(8),
                          .invalid = row.integer(9)};
      if (const auto at = time_at(row, 10)) {
        report.last_refusal =
            DeviceRefusal{report.device.number, *at, std::string(row.bytes(11)), std::string(row.bytes(12))};
      }
      take(report);
    });
  }

 private:
  std::unique_ptr<Connection> connection_;
};

}  // namespace

std::unique_ptr<DeviceHealth> make_sql_device_health(std::unique_ptr<Connection> connection) {
  return std::make_unique<SqlDeviceHealth>(std::move(connection));
}

}  // namespace packwalk::sql
