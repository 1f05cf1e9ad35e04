// The adapters of the store that the contracts run on. A new one is a line in stores.cc.
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "ports/audit_store.h"
#include "ports/device_registry.h"
#include "ports/ingest_store.h"
#include "ports/query_store.h"

namespace packwalk {

/// One database, empty at first and removed at the end. Each call opens it once more, as another process would; throws
/// when that fails.
class Installation {
 public:
  virtual ~Installation() = default;
  virtual std::unique_ptr<IngestStore> ingest_store() const = 0;
  virtual std::unique_ptr<QueryStore> query_store() const = 0;
  virtual std::unique_ptr<AuditStore> audit_store() const = 0;
  virtual std::unique_ptr<DeviceRegistry> device_registry() const = 0;
};

struct StoreAdapter {
  std::string name;
  std::function<std::unique_ptr<Installation>()> install;

  friend std::ostream& operator<<(std::ostream& out, const StoreAdapter& adapter) { return out << adapter.name; }
};

std::vector<StoreAdapter> store_adapters();

/// How GoogleTest names the run of a suite on one adapter.
inline constexpr auto name_of_adapter = [](const auto& each) { return each.param.name; };

}  // namespace packwalk
