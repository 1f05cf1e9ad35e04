#include "adapters/sql/sql_store_keeper.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "adapters/sql/sql_rows.h"

namespace packwalk::sql {
namespace {

constexpr const char* select_oldest =
    "SELECT MIN(oldest) FROM (SELECT MIN(caused_at) AS oldest FROM events "
    "UNION ALL SELECT MIN(caused_at) FROM deliveries) AS of_both";
/// Rows that may be too old. In pieces, as other writers wait for each; in the order of the keys, as other writers lock
/// them.
struct Kept {
  int key_size;
  const char* select_old;
  const char* erase;
};
constexpr Kept kept[] = {
    {2,
     "SELECT device, id FROM (SELECT device, id FROM events WHERE caused_at < $1 ORDER BY caused_at LIMIT 1000) "
     "AS piece ORDER BY device, id",
     "DELETE FROM events WHERE device = $1 AND id = $2"},
    {3,
     "SELECT device, subscription, event FROM (SELECT device, subscription, event FROM deliveries WHERE caused_at < $1 "
     "ORDER BY caused_at LIMIT 1000) AS piece ORDER BY device, subscription, event",
     "DELETE FROM deliveries WHERE device = $1 AND subscription = $2 AND event = $3"}};

class SqlStoreKeeper final : public StoreKeeper {
 public:
  explicit SqlStoreKeeper(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

  Result<KeeperReport> keep(ServerTime now, const KeepRules& rules) override {
    KeeperReport report;
    auto oldest = oldest_event();
    const ServerTime too_old = now - std::chrono::days(rules.events_days);
    while (oldest && *oldest && rules.events_days > 0 && **oldest < too_old) {
      for (const Kept& each : kept) {
        const auto erased = erase_before(each, too_old);
        if (!erased) return erased.failure();
        report.undelivered += *erased;
      }
      oldest = oldest_event();
    }
    if (!oldest) return oldest.failure();
    return report;
  }

  Result<std::optional<ServerTime>> oldest_event() override {
    std::optional<ServerTime> oldest;
    auto asked = connection_->query(select_oldest, {}, [&](const Row& row) {
      if (!row.is_null(0)) oldest = server_time(row.integer(0));
    });
    if (!asked) return asked.failure();
    return oldest;
  }

 private:
  /// Returns the number of erased rows.
  Result<std::int64_t> erase_before(const Kept& rows, ServerTime time) {
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return transaction.failure();
    std::vector<Value> keys;
    const Value before = cell(time);
    auto done = connection_->query(rows.select_old, {&before, 1}, [&](const Row& row) {
      for (int column = 0; column < rows.key_size; ++column) keys.emplace_back(row.integer(column));
    });
    if (!done) return done.failure();
    const auto erased = connection_->execute_many(rows.erase, keys);
    if (!erased) return erased.failure();
    if (done = transaction->commit(); !done) return done.failure();
    return std::count(erased->begin(), erased->end(), true);
  }

  std::unique_ptr<Connection> connection_;
};

}  // namespace

std::unique_ptr<StoreKeeper> make_sql_store_keeper(std::unique_ptr<Connection> connection) {
  return std::make_unique<SqlStoreKeeper>(std::move(connection));
}

}  // namespace packwalk::sql
