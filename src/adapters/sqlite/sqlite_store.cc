#include "adapters/sqlite/sqlite_store.h"

#include <utility>

#include "adapters/sql/sql_analysis_store.h"
#include "adapters/sql/sql_audit_store.h"
#include "adapters/sql/sql_device_health.h"
#include "adapters/sql/sql_device_registry.h"
#include "adapters/sql/sql_ingest_store.h"
#include "adapters/sql/sql_message_reader.h"
#include "adapters/sql/sql_outbox.h"
#include "adapters/sql/sql_query_store.h"
#include "adapters/sql/sql_store_keeper.h"
#include "adapters/sqlite/sqlite_connection.h"
#include "adapters/sqlite/sqlite_device_eraser.h"

namespace packwalk {
namespace {

/// A part of a store on a connection that was to be opened, or why it could not be.
template <class Part>
Result<std::unique_ptr<Part>> made_on(Result<std::unique_ptr<sql::Connection>> connection,
                                      std::unique_ptr<Part> (*make)(std::unique_ptr<sql::Connection>)) {
  if (!connection) return connection.failure();
  return make(*std::move(connection));
}

class SqliteStore final : public Store {
 public:
  SqliteStore(std::string path, std::size_t cache_bytes) : path_(std::move(path)), cache_bytes_(cache_bytes) {}

  Result<std::unique_ptr<IngestStore>> ingest_store() const override {
    auto connection = sql::open_sqlite(path_, cache_bytes_);
    if (!connection) return connection.failure();
    return sql::make_sql_ingest_store(*std::move(connection));
  }

  Result<std::unique_ptr<Outbox>> outbox() const override {
    return made_on(sql::open_sqlite_in_background(path_), sql::make_sql_outbox);
  }

  Result<std::unique_ptr<QueryStore>> query_store() const override {
    return sql::make_sql_query_store([path = path_] { return sql::open_sqlite_reader(path); },
                                     sql::TextOrder::of_bytes);
  }

  Result<std::unique_ptr<MessageReader>> message_reader() const override {
    return sql::make_sql_message_reader([path = path_] { return sql::open_sqlite_reader(path); });
  }

  Result<std::unique_ptr<DeviceRegistry>> device_registry() const override {
    return made_on(sql::open_sqlite(path_), sql::make_sql_device_registry);
  }

  Result<std::unique_ptr<DeviceEraser>> device_eraser() const override {
    auto connection = sql::open_sqlite(path_);
    if (!connection) return connection.failure();
    return sql::make_sqlite_device_eraser(path_, *std::move(connection));
  }

  Result<std::unique_ptr<DeviceHealth>> device_health() const override {
    return made_on(sql::open_sqlite(path_), sql::make_sql_device_health);
  }

  Result<std::unique_ptr<AuditStore>> audit_store() const override {
    auto connection = sql::open_sqlite_auditor(path_);
    if (!connection) return connection.failure();
    return sql::make_sql_audit_store(*std::move(connection));
  }

  Result<std::unique_ptr<StoreKeeper>> keeper() const override {
    return made_on(sql::open_sqlite(path_), sql::make_sql_store_keeper);
  }

  Result<std::unique_ptr<AnalysisStore>> analysis_store() const override {
    return made_on(sql::open_sqlite_in_background(path_), sql::make_sql_analysis_store);
  }

 private:
  const std::string path_;
  const std::size_t cache_bytes_;
};

}  // namespace

std::unique_ptr<Store> make_sqlite_store(std::string path, std::size_t cache_bytes) {
  return std::make_unique<SqliteStore>(std::move(path), cache_bytes);
}

}  // namespace packwalk
