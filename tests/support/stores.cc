#include "tests/support/stores.h"

#include <stdexcept>

#include "adapters/postgres/postgres_archive_source.h"
#include "adapters/postgres/postgres_store.h"
#include "adapters/sqlite/sqlite_connection.h"
#include "adapters/sqlite/sqlite_store.h"
#include "base/temporary_folder.h"
#include "tests/support/postgres_schema.h"

namespace packwalk {
namespace {

// The migrations fill three tables. A table that others refer to is cleared after them.
constexpr const char* select_tables_to_clear =
    "SELECT t.relname FROM pg_class t WHERE t.relkind IN ('r', 'p') AND NOT t.relispartition "
    "AND t.relnamespace = current_schema()::regnamespace "
    "AND t.relname NOT IN ('archived_only', 'packwalk_schema', 'partitions') "
    "ORDER BY EXISTS (SELECT FROM pg_constraint c WHERE c.confrelid = t.oid)";
constexpr const char* select_postgres_columns =
    "SELECT t.relname || '.' || a.attname FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid "
    "WHERE t.relkind IN ('r', 'p') AND NOT t.relispartition AND t.relnamespace = current_schema()::regnamespace "
    "AND a.attnum > 0 AND NOT a.attisdropped";
constexpr const char* select_sqlite_columns =
    "SELECT t.name || '.' || c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'";

class SqliteInstallation final : public Installation {
 public:
  SqliteInstallation() { static_cast<void>(device_registry()); }  // readers may be the first to come

  std::unique_ptr<ArchiveSource> archive_source() const override {
    throw std::logic_error("SQLite keeps its originals itself");
  }

  std::vector<std::string> columns() const override {
    std::vector<std::string> names;
    const auto connection = std::move(sql::open_sqlite_reader(path_).value());
    const auto read =
        connection->query(select_sqlite_columns, {}, [&](const sql::Row& row) { names.emplace_back(row.bytes(0)); });
    if (!read) throw std::runtime_error(read.error().detail);
    return names;
  }

 private:
  const Store& store() const override { return *store_; }

  TemporaryFolder folder_;
  const std::string path_ = folder_.file("packwalk.db");
  std::unique_ptr<Store> store_ = make_sqlite_store(path_);
};

/// Its schema is emptied and used again, as making one takes long.
class PostgresInstallation final : public Installation {
 public:
  PostgresInstallation()
      : schema_(free_schema()), store_(make_postgres_store(schema_.url(), {}, sql::ListForArchive::yes)) {}
  ~PostgresInstallation() override {
    std::string text = "UPDATE archived_only SET until = NULL;";
    for (const std::string& table : tables_to_clear()) {
      text.append("DELETE FROM ").append(table).append(";");
    }
    schema_.run(text);
    free_schemas().push_back(schema_);
  }

  std::unique_ptr<ArchiveSource> archive_source() const override { return make_postgres_archive_source(schema_.url()); }
  std::vector<std::string> columns() const override { return schema_.values_of(select_postgres_columns); }

 private:
  const std::vector<std::string>& tables_to_clear() const {
    static const std::vector<std::string> tables = schema_.values_of(select_tables_to_clear);
    return tables;
  }
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
