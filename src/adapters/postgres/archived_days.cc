#include "adapters/postgres/archived_days.h"

#include <utility>

#include "adapters/postgres/partitions.h"
#include "adapters/postgres/postgres_schema.h"
#include "adapters/sql/sql_rows.h"
#include "base/text.h"

namespace packwalk::sql {
namespace {

constexpr const char* select_copied =
    "SELECT copied_at FROM archived_days WHERE day = $1 AND NOT EXISTS (SELECT FROM unarchived WHERE last >= $2 AND "
    "first < $3)";
constexpr const char* raise_archived_only = "UPDATE archived_only SET until = greatest(until, $1)";
constexpr const char* begin_to_drop = "UPDATE archived_days SET dropping = true WHERE day = $1";
// clang-format off
#define PACKWALK_DROP_LOCK "(hashtext('packwalk archive drop'), 'unarchived'::regclass::oid::int)"
// clang-format on
// Other drops, copies and erasures may take longer than the lock_timeout of the session.
constexpr const char* hold_drops =  // by a connection of its own
    "SET lock_timeout = 0; SELECT pg_advisory_lock" PACKWALK_DROP_LOCK "; SET lock_timeout TO DEFAULT";
constexpr const char* await_drops =
    "SELECT set_config('lock_timeout', '0', true), pg_advisory_xact_lock" PACKWALK_DROP_LOCK;
constexpr const char* select_erasing = "SELECT EXISTS (SELECT FROM erased_devices WHERE ended_at IS NULL)::int";
constexpr const char* select_dropping = "SELECT day FROM archived_days WHERE dropping";
constexpr const char* select_half_detached =
    "SELECT inhdetachpending::int FROM pg_inherits WHERE inhrelid = to_regclass($1)";
constexpr const char* select_partitions =
    "SELECT c.relname FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = 'messages'::regclass "
    "ORDER BY c.relname";

constexpr Column arrival_column[] = {{"received_at", Type::int64}};
constexpr Table arrivals = {"messages", arrival_column, 1};

/// "messages_20260131"
std::optional<Day> day_of_partition(std::string_view name) {
  constexpr std::string_view prefix = "messages_";
  if (!name.starts_with(prefix) || name.size() != prefix.size() + 8) return std::nullopt;
  const auto number = number_from<int>(name.substr(prefix.size()));
  if (!number) return std::nullopt;
  return Day(std::chrono::year(*number / 10'000) / (*number / 100 % 100) / (*number % 100));
}

/// Only numbers. Messages of this day that were dropped earlier stay in the sums.
std::string note_of_drop(const DayDigest& digest) {
  return "UPDATE archived_days SET dropped_messages = dropped_messages + " + std::to_string(digest.messages) +
         ", dropping = false, dropped_hash = dropped_hash # " +
         std::to_string(std::get<std::int64_t>(hash_cell(digest.hash))) +
         " WHERE day = " + std::to_string(number_of(digest.day));
}

std::string attach_statement(Day day) {
  return "ALTER TABLE messages ATTACH PARTITION " + partition_of(day) + " FOR VALUES FROM (" +
         std::to_string(start_of(day)) + ") TO (" + std::to_string(start_of(day + std::chrono::days(1))) + "); ";
}
std::string note_of_return(Day day) {
  return "UPDATE archived_days SET dropping = false WHERE day = " + std::to_string(number_of(day));
}

/// Not by a Connection: it identifies a statement by its address, which another day's statement may have had.
Result<std::int64_t> rows_of(const Client& client, const std::string& partition) {
  const Answer answer = exec(client, ("SELECT count(*) FROM " + partition).c_str(), long_patience);
  if (PQresultStatus(answer.get()) != PGRES_TUPLES_OK) return failure_of(client, answer.get());
  return number_from<std::int64_t>(PQgetvalue(answer.get(), 0, 0)).value_or(0);
}

}  // namespace

std::int64_t number_of(Day day) { return day.time_since_epoch().count(); }

std::int64_t start_of(Day day) {
  return microseconds_since_1970(std::chrono::time_point_cast<std::chrono::microseconds>(day));
}

std::string partition_of(Day day) {
  const Value cells[] = {start_of(day)};
  return partitions_of(arrivals, cells).begin()->name;
}

Result<std::optional<ServerTime>> ArchivedDays::copied_at(Day day) {
  std::optional<ServerTime> time;
  const Value values[] = {number_of(day), start_of(day), start_of(day + std::chrono::days(1))};
  auto asked = connection_.query(select_copied, values, [&](const Row& row) { time = server_time(row.integer(0)); });
  if (!asked) return asked.failure();
  return time;
}

Result<std::vector<Day>> ArchivedDays::attached() {
  if (auto back = bring_back_interrupted(); !back) return back.failure();
  std::vector<Day> days;
  auto asked = connection_.query(select_partitions, {}, [&](const Row& row) {
    if (const auto day = day_of_partition(row.bytes(0))) days.push_back(*day);
  });
  if (!asked) return asked.failure();
  return days;
}

Result<bool> ArchivedDays::drop(const DayDigest& digest, ServerTime copied) {
  const Day day = digest.day;
  const auto client = connect_to_migrated(url_);  // closing it releases the lock
  if (!client) return client.failure();
  if (auto held = run_simple(*client, hold_drops, long_patience); !held) return held.failure();
  if (auto none = no_erasure(); !none) return none.failure();
  // From here on, no entry of this day is removed from the list of messages to copy.
  const Value number = number_of(day);
  if (auto begun = connection_.query(begin_to_drop, {&number, 1}, [](const Row&) {}); !begun) {
    return begun.failure();
  }
  const auto before = copied_at(day);
  if (!before) return before.failure();
  if (*before != copied) {
    if (auto done = run_simple(*client, note_of_return(day).c_str()); !done) return done.failure();
    return false;
  }
  // From here on, queries read the archive too.
  const Value end = start_of(day + std::chrono::days(1));
  if (auto raised = connection_.query(raise_archived_only, {&end, 1}, [](const Row&) {}); !raised) {
    return raised.failure();
  }
  const std::string name = partition_of(day);
  if (auto detached = detach(*client, name); !detached) return detached.failure();
  return drop_detached(*client, digest, copied);
}

Result<void> ArchivedDays::wait_for_drops() {
  return connection_.query(await_drops, {}, [](const Row&) {});
}

Result<void> ArchivedDays::no_erasure() {
  bool erasing = false;
  auto asked = connection_.query(select_erasing, {}, [&](const Row& row) { erasing = row.integer(0) == 1; });
  if (asked && erasing)
    return fail(Errc::conflict, "the erasure of a device was interrupted. Run `packwalk device erase` again first");
  return asked;
}

Result<ArchivedDays::Attachment> ArchivedDays::attachment_of(const std::string& partition) {
  Attachment attachment = Attachment::apart;
  const Value name = std::string_view(partition);
  auto asked = connection_.query(select_half_detached, {&name, 1}, [&](const Row& row) {
    attachment = row.integer(0) == 1 ? Attachment::half_detached : Attachment::attached;
  });
  if (!asked) return asked.failure();
  return attachment;
}

/// Waits for users of the partition without blocking them. Completes a detach that was interrupted.
Result<void> ArchivedDays::detach(const Client& client, const std::string& partition) {
  const auto attachment = attachment_of(partition);
  if (!attachment) return attachment.failure();
  const std::string text = "ALTER TABLE messages DETACH PARTITION " + partition;
  return run_simple(client, (text + (*attachment == Attachment::attached ? " CONCURRENTLY" : " FINALIZE")).c_str(),
                    long_patience);
}

/// A late message may have created the partition again, or been added just before it was detached.
Result<bool> ArchivedDays::drop_detached(const Client& client, const DayDigest& digest, ServerTime copied) {
  const std::string partition = partition_of(digest.day);
  auto done = run_simple(client, (std::string("BEGIN; ") + lock_partitions).c_str(), long_patience);
  if (!done) return done.failure();
  const auto attachment = attachment_of(partition);
  if (!attachment) return attachment.failure();
  const auto now = copied_at(digest.day);
  if (!now) return now.failure();
  if (*attachment != Attachment::apart) return false;
  // Messages that a worker committed while the partition was detached may not be listed. Rows are only added.
  const auto messages = rows_of(client, partition);
  if (!messages) return messages.failure();
  const bool may_go = *now == copied && *messages == digest.messages;
  const std::string text = may_go ? note_of_drop(digest) + "; DROP TABLE " + partition
                                  : attach_statement(digest.day) + note_of_return(digest.day);
  done = run_simple(client, (text + "; COMMIT").c_str(), long_patience);
  if (!done) return done.failure();
  return may_go;
}

Result<void> ArchivedDays::bring_back_interrupted() {
  std::vector<Day> interrupted;
  auto done = connection_.query(select_dropping, {},
                                [&](const Row& row) { interrupted.emplace_back(std::chrono::days(row.integer(0))); });
  if (!done || interrupted.empty()) return done;
  const auto client = connect_to_migrated(url_);
  if (!client) return client.failure();
  for (std::size_t i = 0; done && i < interrupted.size(); ++i) done = bring_back(*client, interrupted[i]);
  return done;
}

Result<void> ArchivedDays::bring_back(const Client& client, Day day) {
  const std::string name = partition_of(day);
  const auto attachment = attachment_of(name);
  if (!attachment) return attachment.failure();
  if (*attachment == Attachment::half_detached) {
    if (auto detached = detach(client, name); !detached) return detached;
  }
  const std::string text = std::string("BEGIN; ") + lock_partitions + "; DO $$ BEGIN IF to_regclass('" + name +
                           "') IS NOT NULL AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = to_regclass('" +
                           name + "')) THEN " + attach_statement(day) + "END IF; END $$; " + note_of_return(day) +
                           "; COMMIT";
  return run_simple(client, text.c_str(), long_patience);
}

}  // namespace packwalk::sql
