// Port: the store of an installation. Its parts have ports of their own, and contracts with those names.
#pragma once

#include <memory>

#include "ports/analysis_store.h"
#include "ports/audit_store.h"
#include "ports/device_eraser.h"
#include "ports/device_health.h"
#include "ports/device_registry.h"
#include "ports/ingest_store.h"
#include "ports/message_reader.h"
#include "ports/outbox.h"
#include "ports/query_store.h"
#include "ports/store_keeper.h"

namespace packwalk {

/// Each call opens the store once more, as another process would; the result may outlive this object. The first one
/// that writes creates the schema or migrates an older one, in one transaction. Errc::unavailable: try again later.
/// Errc::broken: it is damaged, or its schema is newer than this program.
class Store {
 public:
  virtual ~Store() = default;

  virtual Result<std::unique_ptr<IngestStore>> ingest_store() const = 0;
  virtual Result<std::unique_ptr<Outbox>> outbox() const = 0;
  virtual Result<std::unique_ptr<QueryStore>> query_store() const = 0;
  virtual Result<std::unique_ptr<MessageReader>> message_reader() const = 0;
  virtual Result<std::unique_ptr<DeviceRegistry>> device_registry() const = 0;
  virtual Result<std::unique_ptr<DeviceEraser>> device_eraser() const = 0;
  virtual Result<std::unique_ptr<DeviceHealth>> device_health() const = 0;
  virtual Result<std::unique_ptr<StoreKeeper>> keeper() const = 0;
  virtual Result<std::unique_ptr<AnalysisStore>> analysis_store() const = 0;
  /// Changes nothing. Errc::conflict: the schema is older than this program.
  virtual Result<std::unique_ptr<AuditStore>> audit_store() const = 0;
};

}  // namespace packwalk
