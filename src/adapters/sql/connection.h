// What the stores need from a SQL database. One driver a product.
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

/// A row of an answer, good until the callback that got it returns. Columns count from 0.
class Row {
 public:
  virtual ~Row() = default;
  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;    // 0 where it is null
  virtual double real(int column) const = 0;             // likewise
  virtual std::string_view bytes(int column) const = 0;  // of a text or a blob
};

/// Not thread-safe: one thread owns one connection. Calls block. Statements are string literals (they are prepared
/// once and known by their address) whose parameters $1, $2, .. first appear in this order.
/// Reading keeps to the limits of the thread's work (base/work_limits.h): it ends with Errc::unavailable.
/// Errors: Errc::unavailable (busy, full disk, lost connection), Errc::conflict (a unique key), Errc::corrupt (a
/// row that is impossible), Errc::broken (the database is damaged or has another schema).
class Connection {
 public:
  virtual ~Connection() = default;

  virtual Result<void> query(const char* statement, std::span<const Value> values,
                             const std::function<void(const Row&)>& take) = 0;

  /// Adds rows, but for those whose key is taken; says for each whether it was added. Row by row, sorted by key, no key
  /// twice.
  virtual Result<std::vector<bool>> insert(const Table& table, std::span<const Value> cells) = 0;

  /// Adds rows, or replaces those of the same key. Row by row, no key twice.
  virtual Result<void> put(const Table& table, std::span<const Value> cells) = 0;

  /// Reads the rows of some keys: `take` gets the index of each key that is there, and all columns of its row; of
  /// each row where the table's key_size is only the beginning of its key. Sorted. Held: no other writer changes them
  /// until the end of the transaction.
  enum class Hold { no, yes };
  virtual Result<void> read(const Table& table, std::span<const Value> keys, Hold hold,
                            const std::function<void(std::size_t, const Row&)>& take) = 0;

  /// Runs `statement` once for each row of `cells` (row by row, as wide as the statement has parameters). Says for
  /// each whether it changed anything.
  virtual Result<std::vector<bool>> execute_many(const char* statement, std::span<const Value> cells) = 0;

  /// Begins a transaction that may write.
  virtual Result<void> begin() = 0;
  /// Until the end of the transaction nobody else is in a transaction that asked for this. `what` is a literal.
  virtual Result<void> be_alone(const char* what) = 0;
  /// Which connection this is to the database: another number after it was lost and made again.
  virtual std::uint64_t session() const = 0;
  /// Claims a number against other connections that do, until it is released or the connection ends; says whether it
  /// could. A driver whose database has one program may say yes to all.
  virtual Result<bool> lock(std::int64_t number) = 0;
  /// Nothing where the connection is lost already.
  virtual void release(std::int64_t number) = 0;
  /// Begins one that only reads: until rollback() all queries see one moment, from the first of them on.
  virtual Result<void> begin_reading() = 0;
  virtual Result<void> commit() = 0;
  virtual void rollback() = 0;

  /// What the product finds damaged in its own files; nothing when they are sound. Reads all of the database.
  virtual Result<std::vector<std::string>> faults() = 0;
};

/// begin() now; rollback at the end of the scope unless commit() came before.
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
