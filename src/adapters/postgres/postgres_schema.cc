#include "adapters/postgres/postgres_schema.h"

#include <utility>

#include "adapters/postgres/client.h"
#include "adapters/postgres/postgres_migrations.h"
#include "adapters/sql/schema_version.h"
#include "base/text.h"

namespace packwalk::sql {

const std::int64_t postgres_schema_version = static_cast<std::int64_t>(postgres_migrations.size());

namespace {

constexpr std::chrono::seconds hello_patience{10};
// The server cancels the work of a client that is gone. Otherwise an abandoned statement would keep its locks and its
// snapshot until it ends.
constexpr const char* look_after_client = "SET client_connection_check_interval = '200ms'";
constexpr const char* for_readers =
    "SET statement_timeout = '120s'";  // for systems where the server cannot detect that

/// The first cell of the answer; "" for NULL.
Result<std::string> cell_of(const Client& client, const char* text) {
  const Answer answer = exec(client, text, hello_patience);
  if (PQresultStatus(answer.get()) != PGRES_TUPLES_OK) return failure_of(client, answer.get());
  return std::string(PQntuples(answer.get()) > 0 ? PQgetvalue(answer.get(), 0, 0) : "");
}

/// 0 for an empty database.
Result<std::int64_t> schema_version(const Client& client) {
  const auto table = cell_of(client, "SELECT to_regclass('packwalk_schema')");
  if (!table) return table.failure();
  if (table->empty()) return 0;
  const auto version = cell_of(client, "SELECT version FROM packwalk_schema");
  if (!version) return version.failure();
  return number_from<std::int64_t>(*version).value_or(0);
}

Result<void> mark_version(const Client& client) {
  const std::string mark = "DELETE FROM packwalk_schema; INSERT INTO packwalk_schema VALUES (" +
                           std::to_string(postgres_schema_version) + ")";
  return run_simple(client, mark.c_str());
}

}  // namespace

Result<Client> connect_to_migrated(const std::string& url) {
  auto client = connect_client(url);
  if (!client) return client;
  const auto version = schema_version(*client);
  if (!version) return version.failure();
  if (*version > postgres_schema_version) return newer_schema(*version, postgres_schema_version);
  if (*version < postgres_schema_version) {
    return fail(Errc::unavailable, "the database has schema " + std::to_string(*version) +
                                       ", and this packwalk needs " + std::to_string(postgres_schema_version) +
                                       ". Run `packwalk migrate`");
  }
  // On some systems the server cannot detect that, and rejects the setting.
  if (auto set = run_simple(*client, look_after_client, hello_patience); !set) {
    if (PQstatus(client->get()) != CONNECTION_OK) return set.failure();
  }
  return client;
}

Result<Client> connect_without_flush(const std::string& url) {
  auto client = connect_to_migrated(url);
  if (!client) return client;
  if (auto set = run_simple(*client, "SET synchronous_commit = off"); !set) {
    return set.failure();
  }
  return client;
}

Result<Client> connect_reader(const std::string& url) {
  auto client = connect_to_migrated(url);
  if (!client) return client;
  if (auto set = run_simple(*client, for_readers, hello_patience); !set) return set.failure();
  return client;
}

Result<std::int64_t> migrate_postgres(const std::string& url) {
  const auto client = connect_client(url);  // closing it rolls back an open transaction
  if (!client) return client.failure();
  // Another migration may take longer than the lock_timeout of the session.
  auto done =
      run_simple(*client,
                 "BEGIN; SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock(hashtext('packwalk schema')); "
                 "SET LOCAL lock_timeout TO DEFAULT",
                 long_patience);
  if (!done) return done.failure();
  auto version = schema_version(*client);
  if (!version) return version;
  if (*version > postgres_schema_version) return newer_schema(*version, postgres_schema_version);
  for (std::int64_t next = *version; done && next < postgres_schema_version; ++next) {
    done = run_simple(*client, postgres_migrations.at(static_cast<std::size_t>(next)), long_patience);
  }
  if (done && *version < postgres_schema_version) done = mark_version(*client);
  if (done) done = run_simple(*client, "COMMIT", long_patience);
  if (!done) return done.failure();
  return version;
}

}  // namespace packwalk::sql
