// Read-only connections for any number of threads.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "adapters/sql/connection.h"

namespace packwalk::sql {

/// Opens one more read-only connection.
using ConnectReader = std::function<Result<std::unique_ptr<Connection>>()>;

/// Thread-safe. Keeps as many connections as there were concurrent queries.
class ReaderPool {
 public:
  explicit ReaderPool(ConnectReader connect) : connect_(std::move(connect)) {}

  /// As Connection::query(), on an idle or a new connection. A failed connection is not used again.
  Result<void> query(const char* statement, std::span<const Value> values, const std::function<void(const Row&)>& take);

 private:
  std::unique_ptr<Connection> idle_connection();

  const ConnectReader connect_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;  // guarded by mutex_
};

}  // namespace packwalk::sql
