// The interface of the stores to a SQL database. One driver per product.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "adapters/sql/table.h"
#include "base/result.h"

namespace packwalk::sql {

struct Blob {
  std::string_view bytes;
};
using Value = std::variant<std::monostate, std::int64_t, double, std::string_view, Blob>;

/// A row of an answer, valid until its callback returns. Columns count from 0.
class Row {
 public:
  virtual ~Row() = default;
  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;    // 0 where it is null
  virtual double real(int column) const = 0;             // likewise
  virtual std::string_view bytes(int column) const = 0;  // of a text or a blob
};

/// Not thread-safe: one thread owns one connection. Calls block. Statements are string literals, which are prepared
/// once and identified by their address; their parameters $1, $2, .. first appear in this order. Reading respects the
/// limits of the thread's work (base/work_limits.h) and then fails with Errc::unavailable. Errors: Errc::unavailable
/// (busy, full disk, lost connection), Errc::conflict (a unique key), Errc::corrupt (a row that is impossible),
/// Errc::broken (the database is damaged or has another schema).
class Connection {
 public:
  virtual ~Connection() = default;

  virtual Result<void> query(const char* statement, std::span<const Value> values,
                             const std::function<void(const Row&)>& take) = 0;

  /// Adds rows, except those whose key exists. Returns for each whether it was added. The rows are sorted by key,
  /// without a key twice.
  virtual Result<std::vector<bool>> insert(const Table& table, std::span<const Value> cells) = 0;

  /// Upserts rows. No key may appear twice.
  virtual Result<void> put(const Table& table, std::span<const Value> cells) = 0;

  /// Reads the rows of sorted keys: `take` gets the index of each existing key, and all columns of its row, or of each
  /// row if the table's key_size is only the beginning of its key. Held rows are locked against other writers until the
  /// end of the transaction.
  enum class Hold { no, yes };
  virtual Result<void> read(const Table& table, std::span<const Value> keys, Hold hold,
                            const std::function<void(std::size_t, const Row&)>& take) = 0;

  /// Runs `statement` once per row of `cells`, which has as many columns as the statement has parameters. Returns for
  /// each whether it changed a row.
  virtual Result<std::vector<bool>> execute_many(const char* statement, std::span<const Value> cells) = 0;

  /// Begins a transaction that may write.
  virtual Result<void> begin() = 0;
  /// Until the end of the transaction, no other transaction that calls this with the same `what` proceeds. `what` is a
  /// literal.
  virtual Result<void> be_alone(const char* what) = 0;
  /// The number of this connection to the database, which changes with each reconnect.
  virtual std::uint64_t session() const = 0;
  /// Locks a number against other connections, until it is released or the connection ends. Returns whether it
  /// succeeded. A driver for a database of one process may always succeed.
  virtual Result<bool> lock(std::int64_t number) = 0;
  /// Does nothing if the connection is lost.
  virtual void release(std::int64_t number) = 0;
  /// Begins a read-only transaction: until rollback(), all queries see the moment of the first one.
  virtual Result<void> begin_reading() = 0;
  virtual Result<void> commit() = 0;
  virtual void rollback() = 0;

  /// The damage that the product finds in its own files; empty if they are sound. Reads the whole database.
  virtual Result<std::vector<std::string>> faults() = 0;
};

/// Calls begin() now, and rollback() at the end of the scope unless commit() was called.
class Transaction {
 public:
  static Result<Transaction> begin(Connection& connection) {
    if (auto begun = connection.begin(); !begun) return begun.failure();
    return Transaction(connection);
  }
  Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction() {
    if (connection_) connection_->rollback();
  }

  Result<void> commit() {
    auto done = connection_->commit();
    if (done) connection_ = nullptr;
    return done;
  }

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

}  // namespace packwalk::sql
