#include "adapters/sql/sql_store_keeper.h"

#include <utility>

#include "adapters/sql/sql_rows.h"

namespace packwalk::sql {
namespace {

constexpr const char* select_oldest = "SELECT MIN(received_at) FROM status_outbox";
// In pieces, as whoever writes waits for each of them.
constexpr const char* delete_some =
    "DELETE FROM status_outbox WHERE (device, timestamp, from_status, to_status) IN "
    "(SELECT device, timestamp, from_status, to_status FROM status_outbox WHERE received_at < $1 "
    "ORDER BY received_at LIMIT 1000)";

class SqlStoreKeeper final : public StoreKeeper {
 public:
  explicit SqlStoreKeeper(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

  Result<KeeperReport> keep(ServerTime now, const KeepRules& rules) override {
    KeeperReport report;
    auto oldest = oldest_change();
    const ServerTime too_old = now - std::chrono::days(rules.status_changes_days);
    while (oldest && *oldest && rules.status_changes_days > 0 && **oldest < too_old) {
      if (auto done = delete_before(too_old); !done) return done.failure();
      oldest = oldest_change();
    }
    if (!oldest) return oldest.failure();
    report.oldest_status_change = *oldest;
    return report;
  }

 private:
  Result<std::optional<ServerTime>> oldest_change() {
    std::optional<ServerTime> oldest;
    auto asked = connection_->query(select_oldest, {}, [&](const Row& row) {
      if (!row.is_null(0)) oldest = server_time(row.integer(0));
    });
    if (!asked) return asked.failure();
    return oldest;
  }

  Result<void> delete_before(ServerTime time) {
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return transaction.failure();
    const Value before = cell(time);
    if (auto done = connection_->execute_many(delete_some, {&before, 1}); !done) {
      return done.failure();
    }
    return transaction->commit();
  }

  std::unique_ptr<Connection> connection_;
};

}  // namespace

std::unique_ptr<StoreKeeper> make_sql_store_keeper(std::unique_ptr<Connection> connection) {
  return std::make_unique<SqlStoreKeeper>(std::move(connection));
}

}  // namespace packwalk::sql
