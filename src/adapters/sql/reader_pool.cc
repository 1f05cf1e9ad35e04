#include "adapters/sql/reader_pool.h"

namespace packwalk::sql {

Result<void> ReaderPool::query(const char* statement, std::span<const Value> values,
                               const std::function<void(const Row&)>& take) {
  auto connection = idle_connection();
  if (!connection) {
    auto opened = connect_();
    if (!opened) return opened.failure();
    connection = std::move(*opened);
  }
  auto asked = connection->query(statement, values, take);
  if (asked) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(connection));
  }
  return asked;
}

std::unique_ptr<Connection> ReaderPool::idle_connection() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return nullptr;
  auto connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

}  // namespace packwalk::sql
