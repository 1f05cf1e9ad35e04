#include "packwalk/installation/open_store.h"

#include <filesystem>

#include "adapters/clickhouse/clickhouse_archive.h"
#include "adapters/postgres/postgres_archive_source.h"
#include "adapters/postgres/postgres_store.h"
#include "adapters/sqlite/sqlite_store.h"
#include "app/archive/archived_stores.h"
#include "packwalk/installation/installation.h"

namespace packwalk {

Result<std::unique_ptr<Store>> open_store(const DataDirectory& directory, const Config& config, StoreUse use) {
  if (!config.store_url.empty()) {
    return make_postgres_store(config.store_url, config.replicas,
                               config.archive.url.empty() ? sql::ListForArchive::no : sql::ListForArchive::yes,
                               config.store_wait_max);
  }
  const std::string path = directory.file("packwalk.db");
  if (use == StoreUse::existing && !std::filesystem::exists(path)) {
    return fail(Errc::not_found, "there is no " + path + ": is --data right?");
  }
  return make_sqlite_store(path, config.cache_bytes);
}

Result<std::unique_ptr<Store>> open_store(const DataDirectory& directory, StoreUse use) {
  const auto config = Installation{directory.path(), from_environment("PACKWALK_CONFIG")}.read_config();
  if (!config) return config.failure();
  return open_store(directory, *config, use);
}

Result<std::unique_ptr<MessageReader>> open_message_reader(const Config& config, const Store& store) {
  auto opened = store.message_reader();
  if (!opened || config.archive.url.empty()) return opened;
  auto archive = open_archive(config);
  if (!archive) return archive.failure();
  return make_archived_message_reader(*std::move(opened), std::move(archive->source), std::move(archive->archive));
}

Result<std::unique_ptr<IngestStore>> open_ingest_store(const Config& config, const Store& store, Clock& clock) {
  auto opened = store.ingest_store();
  if (!opened || config.archive.url.empty()) return opened;
  auto archive = open_archive(config);
  if (!archive) return archive.failure();
  return make_archived_ingest_store(*std::move(opened), std::move(archive->source), std::move(archive->archive), clock);
}

Result<std::unique_ptr<AuditStore>> open_audit_store(const Config& config, const Store& store) {
  auto opened = store.audit_store();
  if (!opened || config.archive.url.empty()) return opened;
  auto archive = open_archive(config);
  if (!archive) return archive.failure();
  return make_archived_audit_store(*std::move(opened), std::move(archive->source), std::move(archive->archive));
}

Result<ArchiveParts> open_archive(const Config& config) {
  if (config.archive.url.empty()) {
    return fail(Errc::invalid_input, "archive.url is not set: the store keeps all originals itself");
  }
  auto archive = make_clickhouse_archive(config.archive);
  if (!archive) return archive.failure();
  return ArchiveParts{make_postgres_archive_source(config.store_url), *std::move(archive)};
}

}  // namespace packwalk
