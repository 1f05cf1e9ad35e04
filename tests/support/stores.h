// The adapters of the store that the contracts run on. A new one is a line in stores.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "ports/archive_source.h"
#include "ports/store.h"

namespace packwalk {

inline constexpr Seconds always{std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};

/// All of a device, the oldest first.
inline std::vector<StaleWindow> stale_windows_in(AnalysisStore& store, DeviceNumber device) {
  return store.snapshot().value()->stale_windows(device, WindowOrder::oldest_first, AnalysisSnapshot::no_limit).value();
}

/// One database, empty at first and removed at the end. Each call opens it once more; throws when that fails.
class Installation {
 public:
  virtual ~Installation() = default;

  std::unique_ptr<IngestStore> ingest_store() const { return std::move(store().ingest_store().value()); }
  std::unique_ptr<Outbox> outbox() const { return std::move(store().outbox().value()); }
  std::unique_ptr<QueryStore> query_store() const { return std::move(store().query_store().value()); }
  std::unique_ptr<MessageReader> message_reader() const { return std::move(store().message_reader().value()); }
  std::unique_ptr<AuditStore> audit_store() const { return std::move(store().audit_store().value()); }
  std::unique_ptr<DeviceEraser> device_eraser() const { return std::move(store().device_eraser().value()); }
  std::unique_ptr<DeviceHealth> device_health() const { return std::move(store().device_health().value()); }
  std::unique_ptr<StoreKeeper> keeper() const { return std::move(store().keeper().value()); }
  std::unique_ptr<AnalysisStore> analysis_store() const { return std::move(store().analysis_store().value()); }
  std::unique_ptr<DeviceRegistry> device_registry() const { return std::move(store().device_registry().value()); }
  std::vector<StaleWindow> stale_windows(DeviceNumber device) const {
    return stale_windows_in(*analysis_store(), device);
  }
  /// Throws for a store that feeds no archive.
  virtual std::unique_ptr<ArchiveSource> archive_source() const = 0;
  /// "table.column" for each column of its schema. A partition counts as its parent.
  virtual std::vector<std::string> columns() const = 0;

 protected:
  virtual const Store& store() const = 0;
};

struct StoreAdapter {
  std::string name;
  std::function<std::unique_ptr<Installation>()> install;

  friend std::ostream& operator<<(std::ostream& out, const StoreAdapter& adapter) { return out << adapter.name; }
};

std::vector<StoreAdapter> store_adapters();
/// Those whose originals can go to an archive.
std::vector<StoreAdapter> archived_store_adapters();

/// How GoogleTest names the run of a suite on one adapter.
inline constexpr auto name_of_adapter = [](const auto& each) { return each.param.name; };

}  // namespace packwalk
