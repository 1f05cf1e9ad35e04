// Windows that analysis failed on, in a SQL database.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "adapters/sql/connection.h"
#include "ports/analysis_store.h"

namespace packwalk::sql {

/// The methods of AnalysisStore by the same names. The connection outlives it.
class SetAsideWindows {
 public:
  explicit SetAsideWindows(Connection& connection) : connection_(connection) {}

  Result<void> set_aside(const SetAside& window);
  Result<std::vector<SetAside>> windows_set_aside(std::size_t limit);
  Result<std::int64_t> count_failures(const StaleWindow& window);
  Result<std::int64_t> count();
  Result<void> retry(ServerTime now);

  /// In the transaction that clears windows of the device: they are no longer set aside. `keys` of stale_windows.
  Result<void> forget(DeviceNumber device, std::span<const Value> keys);

 private:
  Connection& connection_;
};

}  // namespace packwalk::sql
