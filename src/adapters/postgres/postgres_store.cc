#include "adapters/postgres/postgres_store.h"

#include <utility>

#include "adapters/postgres/postgres_connection.h"
#include "adapters/postgres/postgres_device_eraser.h"
#include "adapters/postgres/postgres_schema.h"
#include "adapters/postgres/postgres_store_keeper.h"
#include "adapters/sql/sql_analysis_store.h"
#include "adapters/sql/sql_audit_store.h"
#include "adapters/sql/sql_device_health.h"
#include "adapters/sql/sql_device_registry.h"
#include "adapters/sql/sql_message_reader.h"
#include "adapters/sql/sql_outbox.h"
#include "adapters/sql/sql_query_store.h"

namespace packwalk {
namespace {

class PostgresStore final : public Store {
 public:
  PostgresStore(std::string url, sql::ReplicaOptions replicas, sql::ListForArchive listing,
                std::chrono::seconds patience)
      : url_(std::move(url)), replicas_(std::move(replicas)), listing_(listing), patience_(patience) {}

  Result<std::unique_ptr<IngestStore>> ingest_store() const override {
    return sql::make_sql_ingest_store(connection(), listing_);
  }
  Result<std::unique_ptr<Outbox>> outbox() const override {
    return sql::make_sql_outbox(sql::make_postgres_connection(url_, sql::connect_without_flush, patience_));
  }
  Result<std::unique_ptr<QueryStore>> query_store() const override {
    const auto store_at = [this](const std::string& url) {
      return sql::make_sql_query_store(reader_at(url), sql::TextOrder::of_language);
    };
    if (replicas_.urls.empty()) return store_at(url_);
    return sql::make_replicated_query_store(servers(), store_at);
  }
  Result<std::unique_ptr<MessageReader>> message_reader() const override {
    const auto reader_of = [this](const std::string& url) { return sql::make_sql_message_reader(reader_at(url)); };
    if (replicas_.urls.empty()) return reader_of(url_);
    return sql::make_replicated_message_reader(servers(), reader_of);
  }
  Result<std::unique_ptr<DeviceRegistry>> device_registry() const override {
    return sql::make_sql_device_registry(connection());
  }
  Result<std::unique_ptr<DeviceEraser>> device_eraser() const override {
    return sql::make_postgres_device_eraser(url_, patient_connection(), listing_);
  }
  Result<std::unique_ptr<DeviceHealth>> device_health() const override {
    return sql::make_sql_device_health(connection());
  }
  Result<std::unique_ptr<AuditStore>> audit_store() const override {
    return sql::make_sql_audit_store(patient_connection(), sql::select_kept_since);
  }
  Result<std::unique_ptr<StoreKeeper>> keeper() const override {
    return sql::make_postgres_store_keeper(url_, connection());
  }
  Result<std::unique_ptr<AnalysisStore>> analysis_store() const override {
    return sql::make_sql_analysis_store(sql::make_postgres_connection(url_, sql::connect_without_flush, patience_));
  }

 private:
  sql::ConnectReader reader_at(const std::string& url) const {
    return [url, patience = patience_] { return sql::make_postgres_connection(url, sql::connect_reader, patience); };
  }
  sql::PostgresServers servers() const {
    return {url_, replicas_.urls, std::make_shared<sql::Replicas>(url_, replicas_)};
  }
  std::unique_ptr<sql::Connection> connection() const {
    return sql::make_postgres_connection(url_, sql::connect_to_migrated, patience_);
  }
  std::unique_ptr<sql::Connection> patient_connection() const {
    return sql::make_postgres_connection(url_, sql::connect_to_migrated, sql::long_patience);
  }

  const std::string url_;
  const sql::ReplicaOptions replicas_;
  const sql::ListForArchive listing_;
  const std::chrono::seconds patience_;
};

}  // namespace

std::unique_ptr<Store> make_postgres_store(std::string url, sql::ReplicaOptions replicas, sql::ListForArchive listing,
                                           std::chrono::seconds patience) {
  return std::make_unique<PostgresStore>(std::move(url), std::move(replicas), listing, patience);
}

}  // namespace packwalk
