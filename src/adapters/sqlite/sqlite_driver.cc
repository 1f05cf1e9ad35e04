#include "adapters/sqlite/sqlite_driver.h"

#include <algorithm>
#include <cassert>
#include <chrono>

#include "adapters/sql/impossible_row.h"
#include "adapters/sql/listed.h"
#include "adapters/sqlite/lock_wait.h"
#include "base/work_limits.h"

namespace packwalk::sql {
namespace {

constexpr int steps_between_looks = 2000;  // of SQLite's machine: some 50 us
constexpr int log_pages_again = 1'000;     // a reader kept some from being copied: so many more until it is tried again
constexpr int log_pages_refused = 65'536;  // when it cannot be copied at all, the log grows no longer

bool bind_values(sqlite3_stmt* statement, std::span<const Value> values) {
  int index = 0;
  for (const Value& value : values) {
    if (std::visit(BindTo{statement, ++index}, value) != SQLITE_OK) return false;
  }
  return true;
}

}  // namespace

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::connect(const std::string& path,
                                                                    std::shared_ptr<SqliteLog> log) {
  const int flags = log ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  Database db(raw);
  if (opened != SQLITE_OK) return fail(failure_of(raw).value().code, path + ": " + sqlite3_errmsg(raw));
  wait_for_locks(raw);
  return std::make_unique<SqliteConnection>(std::move(db), std::move(log));
}

Result<void> SqliteConnection::query(const char* text, std::span<const Value> values,
                                     const std::function<void(const Row&)>& take) {
  if (work_must_end()) return Failure(work_ended());
  try {
    return step_all(text, values, take);
  } catch (const ImpossibleRow& row) {
    return impossible_row_error(table_of(text), values, row);
  }
}

Result<void> SqliteConnection::step_all(const char* text, std::span<const Value> values,
                                        const std::function<void(const Row&)>& take) {
  const auto statement = prepared(text);
  if (!statement) return statement.failure();
  const Run run(*statement);
  if (!bind_values(*statement, values)) return failure();
  const SqliteRow row(*statement);
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(*statement)) == SQLITE_ROW) take(row);
  if (code != SQLITE_DONE) return failure();
  return {};
}

Result<std::vector<bool>> SqliteConnection::execute_many(const char* text, std::span<const Value> cells) {
  const auto statement = prepared(text);
  if (!statement) return statement.failure();
  const auto width = static_cast<std::size_t>(sqlite3_bind_parameter_count(*statement));
  assert(width > 0 && cells.size() % width == 0);
  std::vector<bool> changed;
  changed.reserve(cells.size() / width);
  for (; !cells.empty(); cells = cells.subspan(width)) {
    const Run run(*statement);
    if (!bind_values(*statement, cells.first(width))) return failure();
    if (sqlite3_step(*statement) != SQLITE_DONE) return failure();
    changed.push_back(sqlite3_changes(db_.get()) > 0);
  }
  return changed;
}

Result<std::vector<bool>> SqliteConnection::insert(const Table& table, std::span<const Value> cells) {
  return execute_many(text_of(table, Use::insert), cells);
}

Result<void> SqliteConnection::put(const Table& table, std::span<const Value> cells) {
  auto done = execute_many(text_of(table, Use::put), cells);
  if (!done) return done.failure();
  return {};
}

Result<void> SqliteConnection::read(const Table& table, std::span<const Value> keys, Hold /*hold*/,
                                    const std::function<void(std::size_t, const Row&)>& take) {
  assert(keys.size() % table.key_size == 0);
  const char* text = text_of(table, Use::read);
  for (std::size_t i = 0; !keys.empty(); ++i, keys = keys.subspan(table.key_size)) {
    auto asked = query(text, keys.first(table.key_size), [&](const Row& row) { take(i, row); });
    if (!asked) return asked;
  }
  return {};
}

Result<void> SqliteConnection::begin() {
  if (auto turn = take_turn(); !turn) return turn;
  auto begun = log_->is_hollow() ? log_->mend(db_.get()) : Result<void>();
  if (begun && log_pages_ >= log_pages_refused && log_trouble_) begun = copy_log();
  if (begun) begun = run("BEGIN IMMEDIATE");
  if (!begun) end_turn();
  return begun;
}

Result<void> SqliteConnection::commit() {
  if (auto committed = run("COMMIT"); !committed) return committed;  // rollback() ends the turn
  if (log_pages_ < log_pages_max) copy_at_ = log_pages_max;
  if (log_pages_ >= copy_at_) static_cast<void>(copy_log());
  end_turn();
  return {};
}

void SqliteConnection::rollback() {
  // After some errors SQLite has rolled back by itself.
  if (!sqlite3_get_autocommit(db_.get())) sqlite3_exec(db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  if (!has_turn_) return;
  if (log_->is_hollow()) static_cast<void>(log_->mend(db_.get()));  // else the next to begin tries it
  end_turn();
}

Result<std::vector<std::string>> SqliteConnection::faults() {
  std::vector<std::string> faults;
  auto asked = query("PRAGMA quick_check", {}, [&](const Row& row) {
    if (row.bytes(0) != "ok") faults.emplace_back(row.bytes(0));
  });
  if (asked) return faults;
  if (asked.error().code != Errc::broken) return asked.failure();
  faults.push_back(asked.error().detail);
  return faults;
}

void SqliteConnection::end_with_work() {
  sqlite3_progress_handler(
      db_.get(), steps_between_looks, [](void*) { return work_must_end() ? 1 : 0; }, nullptr);
}

Result<void> SqliteConnection::run(const char* text) {
  if (sqlite3_exec(db_.get(), text, nullptr, nullptr, nullptr) != SQLITE_OK) return failure();
  return {};
}

Result<void> SqliteConnection::write_log_again() {
  if (auto turn = take_turn(); !turn) return turn;
  auto mended = log_->mend(db_.get());
  end_turn();
  return mended;
}

void SqliteConnection::watch_log() {
  const auto count = [](void* self, sqlite3*, const char*, int pages) {
    static_cast<SqliteConnection*>(self)->log_pages_ = pages;
    return SQLITE_OK;
  };
  sqlite3_wal_hook(db_.get(), count, this);
}

Result<void> SqliteConnection::switch_to_wal() {
  constexpr std::chrono::milliseconds pause{5};
  auto switched = run("PRAGMA journal_mode = WAL");
  for (std::chrono::milliseconds waited{0}; !switched && is_busy() && waited < lock_patience; waited += pause) {
    sqlite3_sleep(static_cast<int>(pause.count()));
    switched = run("PRAGMA journal_mode = WAL");
  }
  return switched;
}

bool SqliteConnection::is_busy() const { return sqlite3_errcode(db_.get()) == SQLITE_BUSY; }

Result<void> SqliteConnection::take_turn() {
  if (!log_->turns().take(lock_patience, waiting_)) {
    return fail(Errc::unavailable, "database: another write of this program has taken too long");
  }
  has_turn_ = true;
  return {};
}

void SqliteConnection::end_turn() {
  if (has_turn_) log_->turns().end();
  has_turn_ = false;
}

/// In a turn. If it fails, the next commit retries it.
Result<void> SqliteConnection::copy_log() {
  sqlite3_busy_timeout(db_.get(), 0);
  const auto copied = log_->copy_into_database(db_.get());
  wait_for_locks(db_.get());
  log_trouble_ = !copied && copied.error().code != Errc::overloaded;
  copy_at_ = copied && copied->all() ? log_pages_max : std::max(log_pages_max, log_pages_ + log_pages_again);
  if (!copied && log_trouble_) return copied.failure();
  return {};
}

std::string SqliteConnection::statement_text(const Table& table, Use use) {
  const std::size_t width = table.columns.size();
  const auto name = [&](std::size_t i) { return std::string(table.columns[i].name); };
  const auto parameter = [](std::size_t i) { return "$" + std::to_string(i + 1); };
  if (use == Use::read) {
    return "SELECT " + listed(0, width, ", ", name) + " FROM " + table.name + " WHERE " +
           listed(0, table.key_size, " AND ", [&](std::size_t i) { return name(i) + " = " + parameter(i); });
  }
  const std::string insert = "INSERT INTO " + std::string(table.name) + " (" + listed(0, width, ", ", name) +
                             ") VALUES (" + listed(0, width, ", ", parameter) + ") ON CONFLICT (" +
                             listed(0, table.key_size, ", ", name) + ") DO ";
  if (use == Use::insert) return insert + "NOTHING";
  return insert + "UPDATE SET " +
         listed(table.key_size, width, ", ", [&](std::size_t i) { return name(i) + " = excluded." + name(i); });
}

/// Made once, and at one address as long as this lives.
const char* SqliteConnection::text_of(const Table& table, Use use) {
  std::string& text = texts_[{&table, use}];
  if (text.empty()) text = statement_text(table, use);
  return text.c_str();
}

Result<sqlite3_stmt*> SqliteConnection::prepared(const char* text) {
  Statement& statement = statements_[text];
  if (!statement) {
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v3(db_.get(), text, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr) != SQLITE_OK) {
      return failure();
    }
    statement.reset(raw);
    assert(parameters_are_in_order(raw));
  }
  return statement.get();
}

Failure SqliteConnection::failure() const {
  if (log_ && is_io_failure(db_.get())) log_->note_failure();
  return failure_of(db_.get());
}

}  // namespace packwalk::sql
