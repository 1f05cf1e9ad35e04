#include "adapters/postgres/postgres_checkup.h"

#include <optional>
#include <set>
#include <string_view>

#include "adapters/postgres/client.h"
#include "adapters/postgres/partitions.h"
#include "adapters/postgres/postgres_schema.h"
#include "base/text.h"

namespace packwalk {
namespace {

using sql::Answer;
using sql::Client;

constexpr int oldest_version = 150'000;
constexpr int locks_needed = 256;
constexpr std::chrono::seconds patience{10};
constexpr const char* migrate = "run `packwalk migrate`";
constexpr const char* grant = "make the user of store.url the owner of the tables, or grant it the missing privileges";

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// The remedy for a failed connection, from PostgreSQL's message.
std::string remedy_for(std::string_view detail) {
  if (holds(detail, "password authentication failed")) return "correct the user or the password in store.url";
  if (holds(detail, "no password supplied")) return "add the password to store.url or ~/.pgpass";
  if (holds(detail, "no pg_hba.conf entry")) return "allow this machine in pg_hba.conf of the server";
  if (holds(detail, "does not exist")) return "create it (createdb, createuser), or correct store.url";
  if (holds(detail, "certificate") || holds(detail, "SSL")) return "correct sslmode and sslrootcert in store.url";
  if (holds(detail, "too many clients")) return "raise max_connections of the server, or run fewer processes";
  if (holds(detail, "read-write")) return "all servers of store.url are read-only: promote a replica";
  return "start the server, or correct host and port in store.url";
}

class Examination {
 public:
  Examination(std::string url, Clock& clock) : url_(std::move(url)), clock_(clock) {}

  std::vector<Finding> run() && {
    auto client = sql::connect_client(url_);
    if (!client) {
      findings_.fault(client.error().detail, remedy_for(client.error().detail));
      return std::move(findings_).all();
    }
    client_ = *std::move(client);
    findings_.fine("version " + numbers_of_version() + " answers, database " + PQdb(client_.get()));
    examine_version();
    examine_clock();
    examine_settings();
    if (examine_schema()) {
      examine_rights();
      examine_partitions();
    }
    if (ask("SELECT pg_is_in_recovery()") == "t") {
      findings_.fault("the server is a read-only replica",
                      "name all servers in store.url, with target_session_attrs=read-write");
    } else {
      examine_disk();
    }
    return std::move(findings_).all();
  }

 private:
  std::string numbers_of_version() const {
    const int version = PQserverVersion(client_.get());
    return std::to_string(version / 10'000) + "." + std::to_string(version % 10'000);
  }

  /// The first cell of the answer; "" for NULL, no row, or a failed query, which adds a fault of its own.
  std::string ask(const char* question) {
    const Answer answer = sql::exec(client_, question, patience);
    if (PQresultStatus(answer.get()) != PGRES_TUPLES_OK) {
      findings_.fault(sql::failure_of(client_, answer.get()).value().detail, grant);
      return "";
    }
    return PQntuples(answer.get()) > 0 ? PQgetvalue(answer.get(), 0, 0) : "";
  }

  void examine_version() {
    if (PQserverVersion(client_.get()) < oldest_version) {
      findings_.fault("version " + numbers_of_version() + " is too old", "use PostgreSQL 15 or later");
    }
  }

  void examine_clock() {
    const ServerTime before = clock_.now();
    const auto theirs =
        number_from<std::int64_t>(ask("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"));
    if (theirs) findings_.compare_clocks(before, server_time(*theirs), clock_.now());
  }

  void examine_settings() {
    if (ask("SHOW fsync") == "off" || ask("SHOW full_page_writes") == "off") {
      findings_.doubt("fsync or full_page_writes is off: a power cut may lose confirmed packets", "set both to on");
    }
    if (ask("SHOW synchronous_commit") == "off") {
      findings_.doubt("synchronous_commit is off: a crash may lose the packets of the last commits",
                      "set it to on, or with a replica to remote_write");
    }
    const auto locks = number_from<int>(ask("SHOW max_locks_per_transaction"));
    if (locks && *locks < locks_needed) {
      findings_.doubt(
          "max_locks_per_transaction is " + std::to_string(*locks) + ": a query over many partitions may fail",
          "set it to " + std::to_string(locks_needed) + " or more");
    }
  }

  bool examine_schema() {
    const auto migrated = sql::connect_to_migrated(url_);
    if (migrated) return true;
    const Error& error = migrated.error();
    const char* remedy = error.code == Errc::broken ? "upgrade all packwalk processes" : migrate;
    findings_.fault(error.detail, holds(error.detail, "permission denied") ? grant : remedy);
    return false;
  }

  void examine_rights() {
    // Each value names a missing privilege, or is NULL.
    constexpr const char* missing =
        "SELECT string_agg(what, ', ') FROM (VALUES"
        " (CASE WHEN NOT has_schema_privilege(current_schema(), 'CREATE') THEN 'CREATE in its schema' END),"
        " (CASE WHEN NOT has_table_privilege('messages', 'SELECT, INSERT') THEN 'SELECT, INSERT on messages' END),"
        " (CASE WHEN NOT has_table_privilege('states', 'SELECT, INSERT, UPDATE') THEN 'UPDATE on states' END),"
        " (CASE WHEN (SELECT NOT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'messages'::regclass)"
        "  THEN 'to be the owner of messages' END)) AS all_of_them (what)";
    if (const std::string lacks = ask(missing); !lacks.empty()) {
      findings_.fault("user " + std::string(PQuser(client_.get())) + " lacks: " + lacks, grant);
    }
  }

  void examine_partitions() {
    std::string missing;
    for (const sql::Partition& partition : sql::partitions_ahead(clock_.now())) {
      const std::string question =
          "SELECT 1 FROM pg_inherits WHERE NOT inhdetachpending AND inhrelid = to_regclass('" + partition.name + "')";
      if (ask(question.c_str()).empty()) missing.append(missing.empty() ? "" : ", ").append(partition.name);
    }
    if (!missing.empty()) findings_.fault("partitions are missing: " + missing, migrate);
  }

  void examine_disk() {
    constexpr const char* write =
        "BEGIN; CREATE UNLOGGED TABLE packwalk_doctor AS SELECT generate_series(1, 30000) AS number; ROLLBACK";
    if (const auto written = sql::run_simple(client_, write); !written) {
      const bool full =
          holds(written.error().detail, "No space left") || holds(written.error().detail, "could not extend");
      findings_.fault(full ? "its disk is full: " + written.error().detail : written.error().detail,
                      full ? "enlarge the disk, or drop old partitions" : grant);
    }
  }

  const std::string url_;
  Clock& clock_;
  Findings findings_{"PostgreSQL"};
  Client client_;
};

}  // namespace

std::vector<Finding> examine_postgres(const std::string& url, Clock& clock) { return Examination(url, clock).run(); }

}  // namespace packwalk
