#include "adapters/sqlite/sqlite_connection.h"

#include <sqlite3.h>

#include <chrono>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "adapters/sql/impossible_row.h"
#include "adapters/sql/listed.h"
#include "adapters/sql/schema_version.h"
#include "adapters/sqlite/sqlite_log.h"
#include "adapters/sqlite/sqlite_migrations.h"
#include "base/work_limits.h"

namespace packwalk::sql {
namespace {

constexpr int steps_between_looks = 2000;  // of SQLite's machine: some 50 us
constexpr int busy_timeout_ms = 10'000;    // another process, `packwalk device add` say, may write beside us
constexpr int log_pages_max = 16'384;      // 64 MiB of log before it is copied into the database
constexpr int log_pages_again = 1'000;     // a reader kept some from being copied: so many more until it is tried again
constexpr int log_pages_refused = 65'536;  // when it cannot be copied at all, the log grows no longer

struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

/// Binds without copying: the values must live until the statement is reset.
struct BindTo {
  sqlite3_stmt* statement;
  int index;
  int operator()(std::monostate) const { return sqlite3_bind_null(statement, index); }
  int operator()(std::int64_t value) const { return sqlite3_bind_int64(statement, index, value); }
  int operator()(double value) const { return sqlite3_bind_double(statement, index, value); }
  int operator()(std::string_view value) const {
    return sqlite3_bind_text64(statement, index, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  int operator()(const Blob& value) const {
    // SQLite takes a null pointer for NULL, and an empty view may have one.
    const char* data = value.bytes.empty() ? "" : value.bytes.data();
    return sqlite3_bind_blob64(statement, index, data, value.bytes.size(), SQLITE_STATIC);
  }
};

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}

  bool is_null(int column) const override { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::int64_t integer(int column) const override { return sqlite3_column_int64(statement_, column); }
  double real(int column) const override { return sqlite3_column_double(statement_, column); }
  std::string_view bytes(int column) const override {
    const void* data = sqlite3_column_blob(statement_, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return data ? std::string_view(static_cast<const char*>(data), size) : std::string_view();
  }

 private:
  sqlite3_stmt* statement_;
};

/// Resets a statement when its run ends, so that it holds no lock and no pointer to values that are gone.
class Run {
 public:
  explicit Run(sqlite3_stmt* statement) : statement_(statement) {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }

 private:
  sqlite3_stmt* statement_;
};

enum class Use { insert, put, read };

std::string statement_text(const Table& table, Use use) {
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

class SqliteConnection final : public Connection {
 public:
  /// `log`: none for a connection that only reads.
  SqliteConnection(Database db, std::shared_ptr<SqliteLog> log) : log_(std::move(log)), db_(std::move(db)) {}
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;
  ~SqliteConnection() override { rollback(); }

  Result<void> query(const char* text, std::span<const Value> values,
                     const std::function<void(const Row&)>& take) override {
    if (work_must_end()) return Failure(work_ended());
    try {
      return step_all(text, values, take);
    } catch (const ImpossibleRow& row) {
      return impossible_row_error(table_of(text), values, row);
    }
  }

  Result<void> step_all(const char* text, std::span<const Value> values, const std::function<void(const Row&)>& take) {
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

  Result<std::vector<bool>> execute_many(const char* text, std::span<const Value> cells) override {
    const auto statement = prepared(text);
    if (!statement) return statement.failure();
    const auto width = static_cast<std::size_t>(sqlite3_bind_parameter_count(*statement));
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

  Result<std::vector<bool>> insert(const Table& table, std::span<const Value> cells) override {
    return execute_many(text_of(table, Use::insert), cells);
  }

  Result<void> put(const Table& table, std::span<const Value> cells) override {
    auto done = execute_many(text_of(table, Use::put), cells);
    if (!done) return done.failure();
    return {};
  }

  Result<void> read(const Table& table, std::span<const Value> keys, Hold,
                    const std::function<void(std::size_t, const Row&)>& take) override {
    const char* text = text_of(table, Use::read);
    for (std::size_t i = 0; !keys.empty(); ++i, keys = keys.subspan(table.key_size)) {
      auto asked = query(text, keys.first(table.key_size), [&](const Row& row) { take(i, row); });
      if (!asked) return asked;
    }
    return {};
  }

  Result<void> begin() override {
    if (auto turn = take_turn(); !turn) return turn;
    auto begun = log_->is_hollow() ? log_->mend(db_.get()) : Result<void>();
    if (begun && log_pages_ >= log_pages_refused && log_trouble_) begun = copy_log();
    if (begun) begun = run("BEGIN IMMEDIATE");
    if (!begun) end_turn();
    return begun;
  }
  Result<void> be_alone(const char*) override { return {}; }  // who writes is alone
  std::uint64_t session() const override { return 1; }
  Result<bool> lock(std::int64_t) override { return true; }
  void release(std::int64_t) override {}
  Result<void> begin_reading() override { return run("BEGIN"); }
  Result<void> commit() override {
    if (auto committed = run("COMMIT"); !committed) return committed;  // rollback() ends the turn
    if (log_pages_ < log_pages_max) copy_at_ = log_pages_max;
    if (log_pages_ >= copy_at_) static_cast<void>(copy_log());
    end_turn();
    return {};
  }
  void rollback() override {
    // After some errors SQLite has rolled back by itself.
    if (!sqlite3_get_autocommit(db_.get())) sqlite3_exec(db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    if (!has_turn_) return;
    if (log_->is_hollow()) static_cast<void>(log_->mend(db_.get()));  // else the next to begin tries it
    end_turn();
  }

  Result<std::vector<std::string>> faults() override {
    std::vector<std::string> faults;
    auto asked = query("PRAGMA quick_check", {}, [&](const Row& row) {
      if (row.bytes(0) != "ok") faults.emplace_back(row.bytes(0));
    });
    if (asked) return faults;
    if (asked.error().code != Errc::broken) return asked.failure();
    faults.push_back(asked.error().detail);
    return faults;
  }

  /// From now on statements end, as interrupted, when the work of the thread must end (base/work_limits.h).
  void end_with_work() {
    sqlite3_progress_handler(
        db_.get(), steps_between_looks, [](void*) { return work_must_end() ? 1 : 0; }, nullptr);
  }

  /// From now on, this connection gives way to other writers of this process.
  void give_way() { waiting_ = WriterTurns::Waiting::gives_way; }

  /// Any statements, for settings and migrations.
  Result<void> run(const char* text) {
    if (sqlite3_exec(db_.get(), text, nullptr, nullptr, nullptr) != SQLITE_OK) return failure();
    return {};
  }

  /// What a program that died has left in the log may never have reached the disk, and nobody may be told of it again.
  Result<void> write_log_again() {
    if (auto turn = take_turn(); !turn) return turn;
    auto mended = log_->mend(db_.get());
    end_turn();
    return mended;
  }

  /// Counts the pages of the log from now on. SQLite's own copying of the log into the database is off.
  void watch_log() {
    const auto count = [](void* self, sqlite3*, const char*, int pages) {
      static_cast<SqliteConnection*>(self)->log_pages_ = pages;
      return SQLITE_OK;
    };
    sqlite3_wal_hook(db_.get(), count, this);
  }

  /// The switch to WAL. SQLite does not wait when another program is about the same, so the waiting is done here.
  Result<void> switch_to_wal() {
    constexpr int pause_ms = 5;
    auto switched = run("PRAGMA journal_mode = WAL");
    for (int waited_ms = 0; !switched && is_busy() && waited_ms < busy_timeout_ms; waited_ms += pause_ms) {
      sqlite3_sleep(pause_ms);
      switched = run("PRAGMA journal_mode = WAL");
    }
    return switched;
  }

 private:
  bool is_busy() const { return sqlite3_errcode(db_.get()) == SQLITE_BUSY; }

  Result<void> take_turn() {
    if (!log_->turns().take(std::chrono::milliseconds(busy_timeout_ms), waiting_)) {
      return fail(Errc::unavailable, "database: this program has been writing something else for too long");
    }
    has_turn_ = true;
    return {};
  }
  void end_turn() {
    if (has_turn_) log_->turns().end();
    has_turn_ = false;
  }

  /// In a turn. Whoever cannot does without: the next commit tries it again.
  Result<void> copy_log() {
    sqlite3_busy_timeout(db_.get(), 0);
    const auto copied = log_->copy_into_database(db_.get());
    sqlite3_busy_timeout(db_.get(), busy_timeout_ms);
    log_trouble_ = !copied && copied.error().code != Errc::overloaded;
    copy_at_ = copied && copied->all() ? log_pages_max : std::max(log_pages_max, log_pages_ + log_pages_again);
    if (!copied && log_trouble_) return copied.failure();
    return {};
  }

  /// Made once, and at one address as long as this lives.
  const char* text_of(const Table& table, Use use) {
    std::string& text = texts_[{&table, use}];
    if (text.empty()) text = statement_text(table, use);
    return text.c_str();
  }

  Result<sqlite3_stmt*> prepared(const char* text) {
    Statement& statement = statements_[text];
    if (!statement) {
      sqlite3_stmt* raw = nullptr;
      if (sqlite3_prepare_v3(db_.get(), text, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr) != SQLITE_OK) {
        return failure();
      }
      statement.reset(raw);
    }
    return statement.get();
  }

  static bool bind_values(sqlite3_stmt* statement, std::span<const Value> values) {
    int index = 0;
    for (const Value& value : values) {
      if (std::visit(BindTo{statement, ++index}, value) != SQLITE_OK) return false;
    }
    return true;
  }

  Failure failure() const {
    if (log_ && is_io_failure(db_.get())) log_->note_failure();
    return failure_of(db_.get());
  }

  const std::shared_ptr<SqliteLog> log_;
  WriterTurns::Waiting waiting_ = WriterTurns::Waiting::in_line;
  bool has_turn_ = false;
  int log_pages_ = 0;            // after the last commit
  int copy_at_ = log_pages_max;  // so many
  bool log_trouble_ = false;     // it could not be copied
  std::map<std::pair<const Table*, Use>, std::string> texts_;
  Database db_;
  std::unordered_map<const char*, Statement> statements_;  // after db_: finalized before it closes
};

/// `log`: none for one that only reads.
Result<std::unique_ptr<SqliteConnection>> connect(const std::string& path, std::shared_ptr<SqliteLog> log) {
  const int flags = log ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  Database db(raw);
  if (opened != SQLITE_OK) return fail(failure_of(raw).value().code, path + ": " + sqlite3_errmsg(raw));
  sqlite3_busy_timeout(raw, busy_timeout_ms);
  return std::make_unique<SqliteConnection>(std::move(db), std::move(log));
}

Result<std::int64_t> schema_version(SqliteConnection& connection) {
  std::int64_t version = 0;
  auto asked = connection.query("PRAGMA user_version", {}, [&](const Row& row) { version = row.integer(0); });
  if (!asked) return asked.failure();
  return version;
}

/// All that are missing in one transaction; the lock is taken first, so that two programs do not both migrate.
Result<void> migrate(SqliteConnection& connection) {
  auto transaction = Transaction::begin(connection);
  if (!transaction) return transaction.failure();
  const auto version = schema_version(connection);
  if (!version) return version.failure();
  const auto known = static_cast<std::int64_t>(sqlite_migrations.size());
  if (*version > known) {
    return newer_schema(*version, known);
  }
  for (std::int64_t next = *version; next < known; ++next) {
    if (auto ran = connection.run(sqlite_migrations[static_cast<std::size_t>(next)]); !ran) return ran;
    const std::string mark = "PRAGMA user_version = " + std::to_string(next + 1);
    if (auto ran = connection.run(mark.c_str()); !ran) return ran;
  }
  return transaction->commit();
}

constexpr const char* writer_settings =
    "PRAGMA synchronous = FULL;"
    "PRAGMA foreign_keys = ON;"
    "PRAGMA secure_delete = ON;"             // Debian's default: what is deleted is overwritten
    "PRAGMA wal_autocheckpoint = 0;"         // SqliteLog does it
    "PRAGMA journal_size_limit = 67108864";  // a log that once grew is cut back

/// Opened to write, with more settings.
Result<std::unique_ptr<SqliteConnection>> open_writer(const std::string& path, const char* settings) {
  auto connection = connect(path, SqliteLog::of(path));
  if (!connection) return connection.failure();
  auto ready = (*connection)->switch_to_wal();
  if (ready) ready = (*connection)->run(writer_settings);
  if (ready) ready = (*connection)->run(settings);
  if (ready) (*connection)->watch_log();
  if (ready) ready = migrate(**connection);
  if (!ready) return fail(ready.error().code, path + ": " + ready.error().detail);
  return connection;
}

Result<std::unique_ptr<Connection>> as_connection(Result<std::unique_ptr<SqliteConnection>> opened) {
  if (!opened) return opened.failure();
  return *std::move(opened);
}

}  // namespace

Result<std::unique_ptr<Connection>> open_sqlite(const std::string& path, std::optional<std::size_t> cache_bytes) {
  if (!cache_bytes) return as_connection(open_writer(path, ""));
  auto opened = open_writer(path, ("PRAGMA cache_size = -" + std::to_string(*cache_bytes / 1024)).c_str());
  if (!opened) return opened.failure();
  if (auto whole = (*opened)->write_log_again(); !whole) return whole.failure();
  return *std::move(opened);
}

Result<std::unique_ptr<Connection>> open_sqlite_in_background(const std::string& path) {
  auto opened = open_writer(path, "PRAGMA synchronous = NORMAL");
  if (opened) (*opened)->give_way();
  return as_connection(std::move(opened));
}

Result<std::unique_ptr<Connection>> open_sqlite_reader(const std::string& path) {
  auto connection = connect(path, nullptr);
  if (!connection) return connection.failure();
  (*connection)->end_with_work();
  return std::move(*connection);
}

Result<SchemaVersions> sqlite_schema(const std::string& path) {
  auto connection = connect(path, nullptr);
  if (!connection) return connection.failure();
  const auto version = schema_version(**connection);
  if (!version) return version.failure();
  return SchemaVersions{*version, static_cast<std::int64_t>(sqlite_migrations.size())};
}

Result<std::unique_ptr<Connection>> open_sqlite_auditor(const std::string& path) {
  auto connection = connect(path, nullptr);
  if (!connection) return connection.failure();
  const auto version = schema_version(**connection);
  if (!version) return version.failure();
  const auto known = static_cast<std::int64_t>(sqlite_migrations.size());
  if (*version > known) return newer_schema(*version, known);
  if (*version < known) {
    return fail(Errc::conflict, "the database has schema " + std::to_string(*version) + ", and this packwalk checks " +
                                    std::to_string(sqlite_migrations.size()) +
                                    ": `packwalk serve` brings an older one up");
  }
  return std::move(*connection);
}

}  // namespace packwalk::sql
