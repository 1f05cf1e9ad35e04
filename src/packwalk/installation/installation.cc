#include "packwalk/installation/installation.h"

#include <filesystem>
#include <iostream>
#include <thread>
#include <utility>

#include "adapters/clickhouse/clickhouse_archive.h"
#include "adapters/postgres/postgres_archive_source.h"
#include "adapters/postgres/postgres_store.h"
#include "adapters/sqlite/sqlite_connection.h"
#include "adapters/sqlite/sqlite_store.h"
#include "app/archive/archived_stores.h"
#include "base/nearest.h"
#include "base/text.h"

namespace packwalk {
namespace {

Result<Config> read_with_warnings(const InstallationOptions& options) {
  auto read = options.read_config();
  if (!read) return read;
  for (const UnknownVariable& each : read->unknown_variables) {
    std::cerr << "packwalk: ignoring the unknown environment variable " << printable(each.name)
              << suggestion(each.nearest) << '\n';
  }
  return read;
}

}  // namespace

Installation::Installation(DataDirectory directory, Config config, Missing missing)
    : directory_(std::move(directory)), config_(std::move(config)), missing_(missing) {}

Result<Installation> Installation::open(const InstallationOptions& options) {
  auto config = read_with_warnings(options);
  if (!config) return config.failure();
  return Installation(DataDirectory::existing(options.data), *std::move(config), Missing::is_an_error);
}

Result<Installation> Installation::make(const InstallationOptions& options) {
  auto config = read_with_warnings(options);
  if (!config) return config.failure();
  return make(options.data, *std::move(config));
}

Result<Installation> Installation::make(const std::string& data, Config config) {
  auto directory = DataDirectory::open(data);
  if (!directory) return directory.failure();
  return Installation(*std::move(directory), std::move(config), Missing::is_made);
}

Result<const Store*> Installation::store() {
  if (!store_) {
    auto opened = open_store();
    if (!opened) return opened.failure();
    store_ = *std::move(opened);
  }
  return store_.get();
}

/// A running server of an older version would not know the new schema, so it is only changed while this process holds
/// the folder's lock. Another process that holds it may be migrating the database: then this waits a little.
Result<void> Installation::migrate_embedded(std::chrono::steady_clock::time_point deadline) {
  const std::string path = path_of("packwalk.db");
  if (!config_.store.is_embedded() || directory_.is_locked() || !std::filesystem::exists(path)) return {};
  const auto schema = sql::sqlite_schema(path);
  if (!schema) return schema.failure();
  if (schema->found == 0 || schema->found >= schema->known) return {};  // a new database is of no older version
  if (auto locked = directory_.lock(); !locked) {
    if (locked.error().code != Errc::conflict) return locked;
    if (std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      return migrate_embedded(deadline);
    }
    return fail(Errc::conflict, "another packwalk uses " + path + ", and this one would change it from schema " +
                                    std::to_string(schema->found) + " to " + std::to_string(schema->known) +
                                    ". If the other is a server of an older version, stop it first");
  }
  auto migrated = sql::open_sqlite(path);
  directory_.unlock();
  if (!migrated) return migrated.failure();
  return {};
}

Result<std::unique_ptr<Store>> Installation::open_store() const {
  if (!config_.store.is_embedded()) {
    return make_postgres_store(config_.store.url, config_.store.replicas,
                               config_.archive.is_used() ? sql::ListForArchive::yes : sql::ListForArchive::no,
                               config_.store.wait_max);
  }
  const std::string path = path_of("packwalk.db");
  if (missing_ == Missing::is_an_error && !std::filesystem::exists(path)) {
    return fail(Errc::not_found, "there is no " + path + ". Check --data");
  }
  return make_sqlite_store(path, config_.store.cache_bytes);
}

Result<std::unique_ptr<MessageReader>> Installation::message_reader() {
  auto opened = part(&Store::message_reader);
  if (!opened || !config_.archive.is_used()) return opened;
  auto sides = archive();
  if (!sides) return sides.failure();
  return make_archived_message_reader(*std::move(opened), std::move(sides->source), std::move(sides->archive));
}

Result<std::unique_ptr<IngestStore>> Installation::ingest_store(Clock& clock) {
  auto opened = part(&Store::ingest_store);
  if (!opened || !config_.archive.is_used()) return opened;
  auto sides = archive();
  if (!sides) return sides.failure();
  return make_archived_ingest_store(*std::move(opened), std::move(sides->source), std::move(sides->archive), clock);
}

Result<std::unique_ptr<AuditStore>> Installation::audit_store() {
  auto opened = audit_store_without_archive();
  if (!opened || !config_.archive.is_used()) return opened;
  auto sides = archive();
  if (!sides) return sides.failure();
  return make_archived_audit_store(*std::move(opened), std::move(sides->source), std::move(sides->archive));
}

Result<ArchiveParts> Installation::archive() const {
  if (!config_.archive.is_used()) {
    return fail(Errc::invalid_input, "archive.url is not set, so there is no archive. Set it in the configuration");
  }
  auto opened = make_clickhouse_archive(config_.archive);
  if (!opened) return opened.failure();
  return ArchiveParts{make_postgres_archive_source(config_.store.url), *std::move(opened)};
}

}  // namespace packwalk
