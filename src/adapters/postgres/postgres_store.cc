#include "adapters/postgres/postgres_store.h"

#include <utility>

#include "adapters/postgres/postgres_connection.h"
#include "adapters/postgres/postgres_device_eraser.h"
#include "adapters/postgres/postgres_schema.h"
#include "adapters/postgres/postgres_store_keeper.h"
#include "adapters/sql/sql_analysis_store.h"
#include "adapters/sql/sql_audit_store.h"
#include "adapters/sql/sql_device_registry.h"
#include "adapters/sql/sql_query_store.h"

namespace packwalk {
namespace {

class PostgresStore final : public Store {
 public:
  PostgresStore(std::string url, sql::ReplicaOptions replicas, sql::ListForArchive listing)
      : url_(std::move(url)), replicas_(std::move(replicas)), listing_(listing) {}

  Result<std::unique_ptr<IngestStore>> ingest_store() const override {
    return sql::make_sql_ingest_store(connection(), listing_);
  }
  Result<std::unique_ptr<QueryStore>> query_store() const override {
    const auto store_at = [](const std::string& url) {
      return sql::make_sql_query_store([url] { return sql::make_postgres_connection(url, sql::connect_to_migrated); });
    };
    if (replicas_.urls.empty()) return store_at(url_);
    return sql::make_replicated_query_store(url_, replicas_, store_at);
  }
  Result<std::unique_ptr<DeviceRegistry>> device_registry() const override {
    return sql::make_sql_device_registry(connection());
  }
  Result<std::unique_ptr<DeviceEraser>> device_eraser() const override {
    return sql::make_postgres_device_eraser(url_, connection(), listing_);
  }
  Result<std::unique_ptr<AuditStore>> audit_store() const override {
    return sql::make_sql_audit_store(connection(), sql::select_kept_since);
  }
  Result<std::unique_ptr<StoreKeeper>> keeper() const override {
    return sql::make_postgres_store_keeper(url_, connection());
  }
  Result<std::unique_ptr<AnalysisStore>> analysis_store() const override {
    return sql::make_sql_analysis_store(sql::make_postgres_connection(url_, sql::connect_without_flush));
  }

 private:
  std::unique_ptr<sql::Connection> connection() const {
    return sql::make_postgres_connection(url_, sql::connect_to_migrated);
  }

  const std::string url_;
  const sql::ReplicaOptions replicas_;
  const sql::ListForArchive listing_;
};

}  // namespace

std::unique_ptr<Store> make_postgres_store(std::string url, sql::ReplicaOptions replicas, sql::ListForArchive listing) {
  return std::make_unique<PostgresStore>(std::move(url), std::move(replicas), listing);
}

}  // namespace packwalk
