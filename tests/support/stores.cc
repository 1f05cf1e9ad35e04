#include "tests/support/stores.h"

#include "adapters/sql/sql_audit_store.h"
#include "adapters/sql/sql_device_registry.h"
#include "adapters/sql/sql_ingest_store.h"
#include "adapters/sql/sql_query_store.h"
#include "adapters/sqlite/sqlite_connection.h"
#include "tests/support/temporary_folder.h"

namespace packwalk {
namespace {

class SqliteInstallation final : public Installation {
 public:
  SqliteInstallation() { static_cast<void>(open()); }  // readers may be the first to come

  std::unique_ptr<IngestStore> ingest_store() const override { return sql::make_sql_ingest_store(open()); }
  std::unique_ptr<QueryStore> query_store() const override {
    return sql::make_sql_query_store([path = path_] { return sql::open_sqlite_reader(path); });
  }
  std::unique_ptr<AuditStore> audit_store() const override {
    return sql::make_sql_audit_store(std::move(sql::open_sqlite_auditor(path_).value()));
  }
  std::unique_ptr<DeviceRegistry> device_registry() const override { return sql::make_sql_device_registry(open()); }

 private:
  std::unique_ptr<sql::Connection> open() const { return std::move(sql::open_sqlite(path_).value()); }

  TemporaryFolder folder_;
  std::string path_ = folder_.file("packwalk.db");
};

}  // namespace

std::vector<StoreAdapter> store_adapters() {
  return {{"sqlite", [] { return std::make_unique<SqliteInstallation>(); }}};
}

}  // namespace packwalk
