#include "tests/support/stores.h"

#include <stdexcept>

#include "adapters/postgres/postgres_archive_source.h"
#include "adapters/postgres/postgres_store.h"
#include "adapters/sqlite/sqlite_store.h"
#include "base/temporary_folder.h"
#include "tests/support/postgres_schema.h"

namespace packwalk {
namespace {

class SqliteInstallation final : public Installation {
 public:
  SqliteInstallation() { static_cast<void>(device_registry()); }  // readers may be the first to come

  std::unique_ptr<ArchiveSource> archive_source() const override {
    throw std::logic_error("SQLite keeps its originals itself");
  }

 private:
  const Store& store() const override { return *store_; }

  TemporaryFolder folder_;
  std::unique_ptr<Store> store_ = make_sqlite_store(folder_.file("packwalk.db"));
};

/// Its schema is emptied and used again, as making one takes long.
class PostgresInstallation final : public Installation {
 public:
  PostgresInstallation()
      : schema_(free_schema()), store_(make_postgres_store(schema_.url(), {}, sql::ListForArchive::yes)) {}
  ~PostgresInstallation() override {
    std::string text = "UPDATE archived_only SET until = NULL;";
    for (const char* table : {"tokens",          "devices",        "messages",
                              "fixes",           "samples",        "states",
                              "events",          "stale_windows",  "unarchived",
                              "archived_days",   "analyses",       "tracks",
                              "activity",        "place_cells",    "contacts",
                              "joint_walks",     "analysis_rules", "erased_devices",
                              "track_states",    "chain_states",   "set_aside_windows",
                              "device_refusals", "deliveries",     "delivery_lines"}) {
      text.append("DELETE FROM ").append(table).append(";");
    }
    schema_.run(text);
    free_schemas().push_back(schema_);
  }

  std::unique_ptr<ArchiveSource> archive_source() const override { return make_postgres_archive_source(schema_.url()); }

 private:
  static std::vector<PostgresSchema>& free_schemas() {
    static std::vector<PostgresSchema> schemas;
    return schemas;
  }
  static PostgresSchema free_schema() {
    auto& schemas = free_schemas();
    if (schemas.empty()) {
      PostgresSchema schema;
      if (const auto done = index_arrivals(schema.url()); !done) throw std::runtime_error(done.error().detail);
      return schema;
    }
    PostgresSchema schema = std::move(schemas.back());
    schemas.pop_back();
    return schema;
  }
  const Store& store() const override { return *store_; }

  PostgresSchema schema_;
  std::unique_ptr<Store> store_;
};

}  // namespace

std::vector<StoreAdapter> store_adapters() {
  std::vector<StoreAdapter> adapters = archived_store_adapters();
  adapters.push_back({"sqlite", [] { return std::make_unique<SqliteInstallation>(); }});
  return adapters;
}

std::vector<StoreAdapter> archived_store_adapters() {
  return {{"postgres", [] { return std::make_unique<PostgresInstallation>(); }}};
}

}  // namespace packwalk
