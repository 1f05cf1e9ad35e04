// Connections that only read, for any number of threads.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "adapters/sql/connection.h"

namespace packwalk::sql {

/// Opens one more connection that only reads.
using ConnectReader = std::function<Result<std::unique_ptr<Connection>>()>;

/// Thread-safe. Keeps as many connections as there were queries at once.
class ReaderPool {
 public:
  explicit ReaderPool(ConnectReader connect) : connect_(std::move(connect)) {}

  /// As Connection::query(), on an idle connection, or a new one. One that failed is not used again.
  Result<void> query(const char* statement, std::span<const Value> values, const std::function<void(const Row&)>& take);

 private:
  std::unique_ptr<Connection> idle_connection();

  const ConnectReader connect_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;  // guarded by mutex_
};

}  // namespace packwalk::sql
