#include "adapters/sqlite/sqlite_connection.h"

#include <sqlite3.h>

#include <unordered_map>

#include "adapters/sqlite/sqlite_migrations.h"

namespace packwalk::sql {
namespace {

constexpr int busy_timeout_ms = 10'000;  // another process, `packwalk device add` say, may write beside us

struct CloseDatabase {
  void operator()(sqlite3* db) const { sqlite3_close(db); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

Errc errc_of(int code) {
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      return Errc::conflict;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Errc::corrupt;
    default:
      return Errc::unavailable;
  }
}

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

/// Resets a statement when its use ends, so that it holds no lock and no pointer to values that are gone.
class Use {
 public:
  explicit Use(sqlite3_stmt* statement) : statement_(statement) {}
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }

 private:
  sqlite3_stmt* statement_;
};

class SqliteConnection final : public Connection {
 public:
  explicit SqliteConnection(Database db) : db_(std::move(db)) {}

  Result<void> query(const char* text, std::span<const Value> values,
                     const std::function<void(const Row&)>& take) override {
    const auto statement = prepared(text);
    if (!statement) return tl::unexpected(statement.error());
    const Use use(*statement);
    if (!bind_values(*statement, values)) return failure();
    const SqliteRow row(*statement);
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(*statement)) == SQLITE_ROW) take(row);
    if (code != SQLITE_DONE) return failure();
    return {};
  }

  Result<std::vector<bool>> execute_many(const char* text, std::span<const Value> cells) override {
    const auto statement = prepared(text);
    if (!statement) return tl::unexpected(statement.error());
    const auto width = static_cast<std::size_t>(sqlite3_bind_parameter_count(*statement));
    std::vector<bool> changed;
    changed.reserve(cells.size() / width);
    for (; !cells.empty(); cells = cells.subspan(width)) {
      const Use use(*statement);
      if (!bind_values(*statement, cells.first(width))) return failure();
      if (sqlite3_step(*statement) != SQLITE_DONE) return failure();
      changed.push_back(sqlite3_changes(db_.get()) > 0);
    }
    return changed;
  }

  Result<void> begin() override { return run("BEGIN IMMEDIATE"); }
  Result<void> begin_reading() override { return run("BEGIN"); }
  Result<void> commit() override { return run("COMMIT"); }
  void rollback() override {
    // After some errors SQLite has rolled back by itself.
    if (!sqlite3_get_autocommit(db_.get())) sqlite3_exec(db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }

  Result<std::vector<std::string>> faults() override {
    std::vector<std::string> faults;
    auto asked = query("PRAGMA quick_check", {}, [&](const Row& row) {
      if (row.bytes(0) != "ok") faults.emplace_back(row.bytes(0));
    });
    if (asked) return faults;
    if (asked.error().code != Errc::corrupt) return tl::unexpected(std::move(asked.error()));
    faults.push_back(asked.error().detail);
    return faults;
  }

  /// Any statements, for settings and migrations.
  Result<void> run(const char* text) {
    if (sqlite3_exec(db_.get(), text, nullptr, nullptr, nullptr) != SQLITE_OK) return failure();
    return {};
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

  tl::unexpected<Error> failure() const {
    return fail(errc_of(sqlite3_extended_errcode(db_.get())), std::string("database: ") + sqlite3_errmsg(db_.get()));
  }

  Database db_;
  std::unordered_map<const char*, Statement> statements_;  // after db_: finalized before it closes
};

Result<std::unique_ptr<SqliteConnection>> connect(const std::string& path, int flags) {
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  Database db(raw);
  if (opened != SQLITE_OK) return fail(errc_of(opened), path + ": " + sqlite3_errmsg(raw));
  sqlite3_busy_timeout(raw, busy_timeout_ms);
  return std::make_unique<SqliteConnection>(std::move(db));
}

Result<std::int64_t> schema_version(SqliteConnection& connection) {
  std::int64_t version = 0;
  auto asked = connection.query("PRAGMA user_version", {}, [&](const Row& row) { version = row.integer(0); });
  if (!asked) return tl::unexpected(std::move(asked.error()));
  return version;
}

/// All that are missing in one transaction; the lock is taken first, so that two programs do not both migrate.
Result<void> migrate(SqliteConnection& connection) {
  auto transaction = Transaction::begin(connection);
  if (!transaction) return tl::unexpected(std::move(transaction.error()));
  const auto version = schema_version(connection);
  if (!version) return tl::unexpected(version.error());
  const auto known = static_cast<std::int64_t>(sqlite_migrations.size());
  if (*version > known) {
    return fail(Errc::conflict, "the database has schema " + std::to_string(*version) +
                                    ", but this packwalk knows only up to " + std::to_string(known) +
                                    ": it was used by a newer version; start that one");
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
    "PRAGMA wal_autocheckpoint = 16384;"     // pages: 64 MiB of log before it is copied into the database
    "PRAGMA journal_size_limit = 67108864";  // a log that once grew is cut back

}  // namespace

Result<std::unique_ptr<Connection>> open_sqlite(const std::string& path, CacheSize cache) {
  auto connection = connect(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  if (!connection) return tl::unexpected(std::move(connection.error()));
  auto ready = (*connection)->switch_to_wal();
  if (ready) ready = (*connection)->run(writer_settings);
  if (ready && cache == CacheSize::large) ready = (*connection)->run("PRAGMA cache_size = -65536");
  if (ready) ready = migrate(**connection);
  if (!ready) return fail(ready.error().code, path + ": " + ready.error().detail);
  return std::move(*connection);
}

Result<std::unique_ptr<Connection>> open_sqlite_reader(const std::string& path) {
  auto connection = connect(path, SQLITE_OPEN_READONLY);
  if (!connection) return tl::unexpected(std::move(connection.error()));
  return std::move(*connection);
}

Result<std::unique_ptr<Connection>> open_sqlite_auditor(const std::string& path) {
  auto connection = connect(path, SQLITE_OPEN_READONLY);
  if (!connection) return tl::unexpected(std::move(connection.error()));
  const auto version = schema_version(**connection);
  if (!version) return tl::unexpected(version.error());
  if (*version != static_cast<std::int64_t>(sqlite_migrations.size())) {
    return fail(Errc::conflict, "the database has schema " + std::to_string(*version) + ", and this packwalk checks " +
                                    std::to_string(sqlite_migrations.size()) +
                                    ": `packwalk serve` brings an older one up");
  }
  return std::move(*connection);
}

}  // namespace packwalk::sql
