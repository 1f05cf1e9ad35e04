#include "adapters/postgres/postgres_archive_source.h"

#include <algorithm>
#include <set>
#include <utility>

#include "adapters/postgres/archived_days.h"
#include "adapters/postgres/postgres_connection.h"
#include "adapters/postgres/postgres_schema.h"
#include "adapters/sql/sql_rows.h"
#include "base/work_limits.h"

namespace packwalk {
namespace {

using sql::Row;
using sql::Transaction;
using sql::Value;

// clang-format off
#define PACKWALK_ARCHIVE_LOCK "(hashtext('packwalk archive'), 'unarchived'::regclass::oid::int)"
// clang-format on
constexpr const char* try_to_be_alone = "SELECT pg_try_advisory_xact_lock" PACKWALK_ARCHIVE_LOCK "::int";
constexpr const char* be_alone =  // another copy may take longer than the lock_timeout of the session
    "SELECT set_config('lock_timeout', '0', true), pg_advisory_xact_lock" PACKWALK_ARCHIVE_LOCK;
constexpr const char* note_drops =
    "UPDATE erased_devices SET drops_noted = 1 WHERE device = $1 AND drops_noted = 0 RETURNING device";
constexpr const char* select_erased = "SELECT device FROM erased_devices WHERE ended_at IS NOT NULL ORDER BY device";
constexpr const char* take_off =
    "UPDATE archived_days SET dropped_messages = dropped_messages - $1, dropped_hash = dropped_hash # $2 WHERE day = "
    "$3";
// Only by an index: a sequential scan of a day would start faster, but take far longer.
constexpr const char* prefer_index = "SET LOCAL enable_seqscan = off";
constexpr const char* select_backlog = "SELECT coalesce(sum(messages), 0)::bigint, min(first) FROM unarchived";
// Only visible rows: a lower id may be committed later.
constexpr const char* take_unarchived =
    "DELETE FROM unarchived WHERE id IN (SELECT id FROM (SELECT id, sum(messages) OVER (ORDER BY id) - messages AS "
    "before FROM (SELECT id, messages FROM unarchived WHERE NOT EXISTS (SELECT FROM archived_days WHERE dropping AND "
    "last >= day * 86400000000 AND first < (day + 1) * 86400000000) ORDER BY id LIMIT $1) AS oldest) AS counted "
    "WHERE before < $1) "
    "RETURNING first, last";
// Not BRIN, although it is a hundred times smaller: beside writers, PostgreSQL 15 sometimes summarises a range of pages
// without one of its rows, and no copy would find that row.
constexpr const char* create_arrival_index =
    "BEGIN; SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock(hashtext('packwalk schema')); "
    "SET LOCAL lock_timeout TO DEFAULT; DROP INDEX IF "
    "EXISTS messages_by_arrival; "
    "CREATE INDEX IF NOT EXISTS messages_by_received_at ON messages (received_at); COMMIT";
constexpr const char* open_stretch = "DECLARE stretch NO SCROLL CURSOR FOR SELECT " PACKWALK_ORIGINAL_COLUMNS
                                     " FROM messages WHERE received_at >= $1 AND received_at <= $2";
// Few rows at once, because each may be a whole body.
constexpr const char* fetch_stretch = "FETCH 64 FROM stretch";
constexpr const char* close_stretch = "CLOSE stretch";
constexpr const char* note_copied =
    "INSERT INTO archived_days (day, copied_at) VALUES ($1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) "
    "ON CONFLICT (day) DO UPDATE SET copied_at = greatest(archived_days.copied_at + 1, excluded.copied_at)";
constexpr const char* select_dropped =
    "SELECT day, dropped_messages, dropped_hash FROM archived_days WHERE day >= $1 AND day < $2 AND "
    "dropped_messages > 0 ORDER BY day";
constexpr const char* select_archived_only = "SELECT until FROM archived_only WHERE until IS NOT NULL";

/// A range of received_at, both ends included.
struct Stretch {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

/// The same times in ranges that neither overlap nor touch.
std::vector<Stretch> united(std::vector<Stretch> stretches) {
  std::sort(stretches.begin(), stretches.end(), [](const Stretch& a, const Stretch& b) { return a.first < b.first; });
  std::vector<Stretch> result;
  for (const Stretch& each : stretches) {
    if (result.empty() || each.first > result.back().last + 1) {
      result.push_back(each);
    } else {
      result.back().last = std::max(result.back().last, each.last);
    }
  }
  return result;
}

/// Collects originals and passes them on in pieces.
class Pieces {
 public:
  Pieces(PieceLimits limits, const KeepOriginals& keep) : limits_(limits), keep_(keep) {}

  void add(Original original) {
    bytes_ += original.message.content.size();
    days_.insert(day_of(original.message.received_at));
    ++count_;
    gathered_.push_back(std::move(original));
  }
  bool full() const { return gathered_.size() >= limits_.messages || bytes_ >= limits_.bytes; }
  Result<void> hand_over() {
    if (gathered_.empty()) return {};
    auto kept = keep_(gathered_);
    gathered_.clear();
    bytes_ = 0;
    return kept;
  }

  std::int64_t count() const { return count_; }
  const std::set<Day>& days() const { return days_; }

 private:
  const PieceLimits limits_;
  const KeepOriginals& keep_;
  std::vector<Original> gathered_;
  std::size_t bytes_ = 0;
  std::int64_t count_ = 0;
  std::set<Day> days_;
};

class PostgresArchiveSource final : public ArchiveSource {
 public:
  explicit PostgresArchiveSource(std::string url)
      : url_(std::move(url)),
        connection_(sql::make_postgres_connection(url_, sql::connect_to_migrated, sql::long_patience)),
        days_(*connection_, url_) {}

  Result<ArchiveBacklog> backlog() override {
    ArchiveBacklog backlog;
    auto asked = connection_->query(select_backlog, {}, [&](const Row& row) {
      backlog.messages = row.integer(0);
      if (!row.is_null(1)) backlog.oldest = server_time(row.integer(1));
    });
    if (!asked) return asked.failure();
    return backlog;
  }

  Result<std::optional<std::int64_t>> copy_next(PieceLimits limits, const KeepOriginals& keep) override {
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return transaction.failure();
    bool alone = false;
    auto done = connection_->query(try_to_be_alone, {}, [&](const Row& row) { alone = row.integer(0) == 1; });
    if (done && !alone) return std::optional<std::int64_t>();
    std::vector<Stretch> stretches;
    const Value limit = sql::limit_cell(limits.messages);
    if (done) {
      done = connection_->query(take_unarchived, {&limit, 1}, [&](const Row& row) {
        stretches.push_back({row.integer(0), row.integer(1)});
      });
    }
    Pieces pieces(limits, keep);
    if (done) done = copy(united(std::move(stretches)), pieces);
    if (done) done = transaction->commit();
    if (!done) return done.failure();
    return std::optional(pieces.count());
  }

  Result<std::int64_t> copy_day(Day day, PieceLimits limits, const KeepOriginals& keep) override {
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return transaction.failure();
    if (auto alone = connection_->query(be_alone, {}, [](const Row&) {}); !alone) {
      return alone.failure();
    }
    Pieces pieces(limits, keep);
    const std::vector<Stretch> whole{{sql::start_of(day), sql::start_of(day + std::chrono::days(1)) - 1}};
    auto done = copy(whole, pieces);
    if (done) done = transaction->commit();
    if (!done) return done.failure();
    return pieces.count();
  }

  Result<std::optional<ServerTime>> copied_at(Day day) override { return days_.copied_at(day); }

  Result<std::optional<ServerTime>> archive_only_until() override {
    // Queries and ingest use this too.
    const LimitedWork brief({std::chrono::steady_clock::now() + sql::usual_patience, work_limits().gone});
    std::optional<ServerTime> until;
    auto asked =
        connection_->query(select_archived_only, {}, [&](const Row& row) { until = server_time(row.integer(0)); });
    if (!asked) return asked.failure();
    return until;
  }

  Result<std::vector<Day>> days() override { return days_.attached(); }

  Result<std::vector<DayDigest>> dropped(DayRange range) override {
    std::vector<DayDigest> digests;
    const Value bounds[] = {sql::number_of(range.from), sql::number_of(range.until)};
    auto asked = connection_->query(select_dropped, bounds, [&](const Row& row) {
      digests.push_back({Day(std::chrono::days(row.integer(0))), row.integer(1), sql::hash_from(row.integer(2))});
    });
    if (!asked) return asked.failure();
    return digests;
  }

  Result<std::vector<DeviceNumber>> erased() override {
    std::vector<DeviceNumber> devices;
    auto asked =
        connection_->query(select_erased, {}, [&](const Row& row) { devices.push_back(DeviceNumber{row.integer(0)}); });
    if (!asked) return asked.failure();
    return devices;
  }

  Result<bool> drop(const DayDigest& digest, ServerTime copied) override { return days_.drop(digest, copied); }

  Result<void> wait_for_copies() override {
    if (auto dropped = days_.wait_for_drops(); !dropped) return dropped;
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return transaction.failure();
    if (auto alone = connection_->query(be_alone, {}, [](const Row&) {}); !alone) return alone;
    return transaction->commit();
  }

  Result<void> take_off_dropped(DeviceNumber device, std::span<const DayDigest> digests) override {
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return transaction.failure();
    const Value number = device.value;
    bool first_time = false;
    auto noted = connection_->query(note_drops, {&number, 1}, [&](const Row&) { first_time = true; });
    if (!noted || !first_time) return noted;
    std::vector<Value> cells;
    for (const DayDigest& each : digests) {
      cells.insert(cells.end(), {each.messages, sql::hash_cell(each.hash), sql::number_of(each.day)});
    }
    if (auto taken = connection_->execute_many(take_off, cells); !taken) return taken.failure();
    return transaction->commit();
  }

 private:
  /// In the open transaction. Passes on all rows, and records their days.
  Result<void> copy(const std::vector<Stretch>& stretches, Pieces& pieces) {
    auto done = connection_->query(prefer_index, {}, [](const Row&) {});
    for (std::size_t i = 0; done && i < stretches.size(); ++i) done = copy_stretch(stretches[i], pieces);
    if (done) done = pieces.hand_over();
    if (!done) return done;
    std::vector<Value> days;
    for (const Day day : pieces.days()) days.emplace_back(sql::number_of(day));
    auto noted = connection_->execute_many(note_copied, days);
    if (!noted) return noted.failure();
    return {};
  }

  /// By a cursor: the server would end a connection whose answer waits for the archive.
  Result<void> copy_stretch(const Stretch& stretch, Pieces& pieces) {
    const Value bounds[] = {stretch.first, stretch.last};
    auto done = connection_->query(open_stretch, bounds, [](const Row&) {});
    for (bool more = true; done && more;) {
      more = false;
      done = connection_->query(fetch_stretch, {}, [&](const Row& row) {
        pieces.add(sql::original_at(row));
        more = true;
      });
      if (done && pieces.full()) done = pieces.hand_over();
    }
    if (done) done = connection_->query(close_stretch, {}, [](const Row&) {});
    return done;
  }

  const std::string url_;
  const std::unique_ptr<sql::Connection> connection_;
  sql::ArchivedDays days_;
};

}  // namespace

std::unique_ptr<ArchiveSource> make_postgres_archive_source(std::string url) {
  return std::make_unique<PostgresArchiveSource>(std::move(url));
}

Result<void> index_arrivals(const std::string& url) {
  const auto client = sql::connect_to_migrated(url);
  if (!client) return client.failure();
  return sql::run_simple(*client, create_arrival_index, sql::long_patience);
}

}  // namespace packwalk
