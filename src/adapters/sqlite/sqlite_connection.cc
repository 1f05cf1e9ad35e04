#include "adapters/sqlite/sqlite_connection.h"

#include <string>
#include <utility>

#include "adapters/sql/schema_version.h"
#include "adapters/sqlite/sqlite_driver.h"
#include "adapters/sqlite/sqlite_log.h"
#include "adapters/sqlite/sqlite_migrations.h"

namespace packwalk::sql {
namespace {

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
  auto connection = SqliteConnection::connect(path, SqliteLog::of(path));
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
  auto connection = SqliteConnection::connect(path, nullptr);
  if (!connection) return connection.failure();
  (*connection)->end_with_work();
  return std::move(*connection);
}

Result<SchemaVersions> sqlite_schema(const std::string& path) {
  auto connection = SqliteConnection::connect(path, nullptr);
  if (!connection) return connection.failure();
  const auto version = schema_version(**connection);
  if (!version) return version.failure();
  return SchemaVersions{*version, static_cast<std::int64_t>(sqlite_migrations.size())};
}

Result<std::unique_ptr<Connection>> open_sqlite_auditor(const std::string& path) {
  auto connection = SqliteConnection::connect(path, nullptr);
  if (!connection) return connection.failure();
  const auto version = schema_version(**connection);
  if (!version) return version.failure();
  const auto known = static_cast<std::int64_t>(sqlite_migrations.size());
  if (*version > known) return newer_schema(*version, known);
  if (*version < known) {
    return fail(Errc::conflict, "the database has schema " + std::to_string(*version) + ", and this packwalk checks " +
                                    std::to_string(sqlite_migrations.size()) +
                                    ". `packwalk serve` migrates an older one");
  }
  return std::move(*connection);
}

}  // namespace packwalk::sql
