#include "adapters/sql/sql_store_keeper.h"

#include <utility>

#include "adapters/sql/sql_rows.h"

namespace packwalk::sql {
namespace {

constexpr const char* select_oldest =
    "SELECT MIN(oldest) FROM (SELECT MIN(caused_at) AS oldest FROM events "
    "UNION ALL SELECT MIN(caused_at) FROM deliveries) AS of_both";
// In pieces, as whoever writes waits for each of them.
constexpr const char* delete_some_events =
    "DELETE FROM events WHERE (device, id) IN "
    "(SELECT device, id FROM events WHERE caused_at < $1 ORDER BY caused_at LIMIT 1000)";
constexpr const char* delete_some_deliveries =
    "DELETE FROM deliveries WHERE (device, subscription, event) IN "
    "(SELECT device, subscription, event FROM deliveries WHERE caused_at < $1 ORDER BY caused_at LIMIT 1000)";

class SqlStoreKeeper final : public StoreKeeper {
 public:
  explicit SqlStoreKeeper(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

  Result<KeeperReport> keep(ServerTime now, const KeepRules& rules) override {
    KeeperReport report;
    auto oldest = oldest_event();
    const ServerTime too_old = now - std::chrono::days(rules.events_days);
    while (oldest && *oldest && rules.events_days > 0 && **oldest < too_old) {
      for (const char* statement : {delete_some_events, delete_some_deliveries}) {
        if (auto done = delete_before(statement, too_old); !done) return tl::unexpected(std::move(done.error()));
      }
      oldest = oldest_event();
    }
    if (!oldest) return tl::unexpected(std::move(oldest.error()));
    report.oldest_event = *oldest;
    return report;
  }

 private:
  Result<std::optional<ServerTime>> oldest_event() {
    std::optional<ServerTime> oldest;
    auto asked = connection_->query(select_oldest, {}, [&](const Row& row) {
      if (!row.is_null(0)) oldest = server_time(row.integer(0));
    });
    if (!asked) return tl::unexpected(std::move(asked.error()));
    return oldest;
  }

  Result<void> delete_before(const char* statement, ServerTime time) {
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return tl::unexpected(std::move(transaction.error()));
    const Value before = cell(time);
    if (auto done = connection_->execute_many(statement, {&before, 1}); !done) {
      return tl::unexpected(std::move(done.error()));
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
