#include "adapters/postgres/postgres_store_keeper.h"

#include <utility>

#include "adapters/postgres/partitions.h"
#include "adapters/postgres/postgres_schema.h"
#include "adapters/sql/sql_store_keeper.h"

namespace packwalk::sql {
namespace {

using std::chrono::months;
using std::chrono::sys_days;
using std::chrono::year_month;
using std::chrono::year_month_day;

// CONCURRENTLY waits for current users of the table without blocking others. It times out, and the next pass continues.
constexpr const char* be_patient = "SET lock_timeout = '2s'; SET statement_timeout = '60s'";
constexpr std::chrono::seconds keeper_patience{90};  // more than that
constexpr const char* be_the_only_one =
    "SELECT pg_try_advisory_lock(hashtext('packwalk keeper'), to_regclass('messages')::oid::int)";
constexpr const char* select_half_detached =
    "SELECT c.relname, p.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
    "JOIN pg_class p ON p.oid = i.inhparent WHERE i.inhdetachpending AND p.oid IN "
    "('messages'::regclass, 'fixes'::regclass, 'samples'::regclass)";
constexpr const char* select_not_yet_dropped =
    "SELECT name FROM partitions WHERE gone = 'drop' AND to_regclass(name) IS NOT NULL "
    "AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = to_regclass(name))";

using Rows = std::vector<std::vector<std::string>>;

Result<Rows> ask(const Client& client, const std::string& text) {
  const Answer answer = exec(client, text.c_str());
  if (PQresultStatus(answer.get()) != PGRES_TUPLES_OK) return failure_of(client, answer.get());
  Rows rows(static_cast<std::size_t>(PQntuples(answer.get())));
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (int column = 0; column < PQnfields(answer.get()); ++column) {
      rows[row].emplace_back(PQgetvalue(answer.get(), static_cast<int>(row), column));
    }
  }
  return rows;
}

/// The limit of old data in one table.
struct Cutoff {
  const char* table;
  std::int64_t value;  // of the partition column
};

std::vector<Cutoff> cutoffs_at(ServerTime now, const KeepRules& rules) {
  const sys_days today = std::chrono::floor<std::chrono::days>(now);
  std::vector<Cutoff> cutoffs;
  if (rules.messages_days > 0) {
    cutoffs.push_back({"messages", microseconds_since_1970(today - std::chrono::days(rules.messages_days))});
  }
  if (rules.fixes_months > 0) {
    const year_month_day date(today);
    const year_month first = year_month(date.year(), date.month()) - months(rules.fixes_months + 1);
    const std::int64_t seconds = std::chrono::seconds(sys_days(first / 1).time_since_epoch()).count();
    cutoffs.push_back({"fixes", seconds});
    cutoffs.push_back({"samples", seconds});
  }
  return cutoffs;
}

/// One pass over old partitions. Names come from the catalogue, and only names of ours are used.
class Removal {
 public:
  Removal(const Client& client, const KeepRules& rules, KeeperReport& report)
      : client_(client), drops_(rules.when_old == WhenOld::drop), report_(report) {}

  Result<void> run(std::span<const Cutoff> cutoffs) {
    if (auto done = end_what_was_begun(); !done) return done;
    for (const Cutoff& cutoff : cutoffs) {
      const auto there = ask(client_, std::string("SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = "
                                                  "i.inhrelid WHERE i.inhparent = to_regclass('") +
                                          cutoff.table + "')");
      if (!there) return there.failure();
      std::vector<std::string> names;
      for (const auto& row : *there) names.push_back(row.front());
      for (const Partition& partition : partitions_before(cutoff.table, names, cutoff.value)) {
        if (auto done = remove(partition); !done) return done;
      }
    }
    return {};
  }

 private:
  Result<void> end_what_was_begun() {
    const auto half = ask(client_, select_half_detached);
    if (!half) return half.failure();
    for (const auto& row : *half) {
      if (auto done = execute("ALTER TABLE " + row[1] + " DETACH PARTITION " + row[0] + " FINALIZE"); !done)
        return done;
    }
    const auto left = ask(client_, select_not_yet_dropped);
    if (!left) return left.failure();
    for (const auto& row : *left) {
      if (auto done = execute("DROP TABLE " + row.front()); !done) return done;
    }
    return {};
  }

  Result<void> remove(const Partition& partition) {
    // First, prevent that it is created again.
    auto done = execute("UPDATE partitions SET gone = '" + std::string(drops_ ? "drop" : "detach") +
                        "' WHERE name = '" + partition.name + "'");
    if (done) {
      done = execute("ALTER TABLE " + std::string(partition.table) + " DETACH PARTITION " + partition.name +
                     " CONCURRENTLY");
    }
    if (done && drops_) done = execute("DROP TABLE " + partition.name);
    if (done) report_.gone.push_back(partition.name);
    return done;
  }

  Result<void> execute(const std::string& text) { return run_simple(client_, text.c_str(), keeper_patience); }

  const Client& client_;
  const bool drops_;
  KeeperReport& report_;
};

class PostgresStoreKeeper final : public StoreKeeper {
 public:
  PostgresStoreKeeper(std::string url, std::unique_ptr<StoreKeeper> outbox)
      : url_(std::move(url)), outbox_(std::move(outbox)) {}

  Result<KeeperReport> keep(ServerTime now, const KeepRules& rules) override {
    if (auto made = make_partitions(url_, partitions_ahead(now)); !made) return made.failure();
    auto report = outbox_->keep(now, rules);
    if (!report) return report;
    if (auto done = remove_old(cutoffs_at(now, rules), rules, *report); !done) {
      return done.failure();
    }
    return report;
  }

  Result<std::optional<ServerTime>> oldest_event() override { return outbox_->oldest_event(); }

 private:
  Result<void> remove_old(std::span<const Cutoff> cutoffs, const KeepRules& rules, KeeperReport& report) {
    const auto client = connect_to_migrated(url_);  // closing it releases the lock
    if (!client) return client.failure();
    if (auto done = run_simple(*client, be_patient); !done) return done;
    const auto alone = ask(*client, be_the_only_one);
    if (!alone) return alone.failure();
    if (alone->front().front() != "t") return {};
    return Removal(*client, rules, report).run(cutoffs);
  }

  const std::string url_;
  const std::unique_ptr<StoreKeeper> outbox_;
};

}  // namespace

const char* const select_kept_since =
    "SELECT MAX(until) FILTER (WHERE parent = 'messages'), MAX(until) FILTER (WHERE parent <> 'messages') "
    "FROM partitions WHERE gone IS NOT NULL";

std::unique_ptr<StoreKeeper> make_postgres_store_keeper(std::string url, std::unique_ptr<Connection> connection) {
  return std::make_unique<PostgresStoreKeeper>(std::move(url), make_sql_store_keeper(std::move(connection)));
}

}  // namespace packwalk::sql
