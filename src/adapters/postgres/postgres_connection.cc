#include "adapters/postgres/postgres_connection.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <utility>

#include "adapters/postgres/added_rows.h"
#include "adapters/postgres/partitions.h"
#include "adapters/postgres/postgres_session.h"
#include "adapters/postgres/statements.h"
#include "adapters/postgres/wire_form.h"
#include "adapters/sql/impossible_row.h"
#include "base/work_limits.h"

namespace packwalk::sql {
namespace {

constexpr std::size_t pipeline_rows = 500;   // the answers must fit into the socket's buffers
constexpr std::size_t copied_rows_min = 20;  // fewer rows are faster as arrays

/// Decides whether to try an optimistic method. After each failure in a row, skips twice as many chances.
class Gamble {
 public:
  bool is_due() {
    if (left_out_ == 0) return true;
    --left_out_;
    return false;
  }
  void end(bool won) {
    pause_ = won ? 0 : std::clamp(pause_ * 2, 1, pause_max);
    left_out_ = pause_;
  }

 private:
  static constexpr int pause_max = 64;
  int pause_ = 0;
  int left_out_ = 0;
};

class PostgresConnection final : public Connection {
 public:
  PostgresConnection(std::string url, ConnectClient connect, std::chrono::seconds patience)
      : session_(url, std::move(connect), patience), partitions_(std::move(url), patience) {}

  Result<void> query(const char* text, std::span<const Value> values,
                     const std::function<void(const Row&)>& take) override {
    if (work_must_end()) return Failure(work_ended());
    bool any = false;
    const auto taken = [&](const Row& row) {
      any = true;
      take(row);
    };
    const bool seemed_good = session_.is_connected();
    auto asked = query_once(text, values, taken);
    // An idle connection may have been lost long ago; only its use shows that.
    const bool was_lost =
        seemed_good && !asked && !any && !session_.in_transaction() && !session_.gave_up() && !session_.is_connected();
    return was_lost ? query_once(text, values, taken) : asked;
  }

  Result<std::vector<bool>> execute_many(const char* text, std::span<const Value> cells) override {
    if (auto ready = session_.be_connected(); !ready) return ready.failure();
    const auto statement = session_.prepared(text, text, {});
    if (!statement) return statement.failure();
    const std::size_t width = (*statement)->types.size();
    assert(width > 0 && cells.size() % width == 0);
    std::vector<bool> changed;
    changed.reserve(cells.size() / width);
    while (!cells.empty()) {
      const auto piece = cells.first(std::min(cells.size(), pipeline_rows * width));
      if (auto done = session_.run_pipelined(**statement, piece, changed); !done) return done.failure();
      cells = cells.subspan(piece.size());
    }
    return changed;
  }

  Result<std::vector<bool>> insert(const Table& table, std::span<const Value> cells) override {
    const std::size_t width = table.columns.size();
    const std::size_t rows = cells.size() / width;
    if (rows == 0) return std::vector<bool>();
    const auto partitions = partitions_.make_for(table, cells, session_.client());
    if (!partitions) return partitions.failure();
    // COPY adds rows in the order of their keys only within a partition.
    if (table.keys_are_new && rows >= copied_rows_min && *partitions <= 1 && gambles_[&table].is_due()) {
      const auto copied = copy(table, cells);
      if (copied || copied.error().code == Errc::conflict) gambles_[&table].end(copied.has_value());
      if (copied) return std::vector<bool>(rows, true);
      if (copied.error().code != Errc::conflict) {
        partitions_.forget();
        return copied.failure();
      }
    }
    auto inserted = insert_arrays(table, cells);
    if (!inserted) partitions_.forget();  // one may have been detached
    return inserted;
  }

  Result<void> put(const Table& table, std::span<const Value> cells) override {
    if (cells.empty()) return {};
    return with_arrays(table, Use::put, table.columns.size(), cells, [](const Row&) {});
  }

  Result<void> read(const Table& table, std::span<const Value> keys, Hold hold,
                    const std::function<void(std::size_t, const Row&)>& take) override {
    if (keys.empty()) return {};
    Result<void> read;
    auto asked =
        with_arrays(table, hold == Hold::yes ? Use::hold : Use::read, table.key_size, keys, [&](const Row& row) {
          const auto index = static_cast<std::size_t>(row.integer(0)) - 1;
          try {
            take(index, RowAfterIndex(row));
          } catch (const ImpossibleRow& why) {
            const auto key = keys.subspan(index * table.key_size, table.key_size);
            if (read) read = impossible_row_error(table.name, key, why);
          }
        });
    return asked ? read : asked;
  }

  Result<void> begin() override { return session_.begin("BEGIN"); }
  Result<void> be_alone(const char* what) override {
    const Value name = std::string_view(what);
    return query("SELECT pg_advisory_xact_lock(hashtext('packwalk ' || $1))", {&name, 1}, [](const Row&) {});
  }
  std::uint64_t session() const override { return session_.number(); }
  /// A session lock in a space of its own. Two numbers with the same last 31 bits cannot both be locked, which only
  /// delays one of them.
  Result<bool> lock(std::int64_t number) override {
    const Value low = number & 0x7fffffff;
    bool locked = false;
    auto asked =
        query("SELECT pg_try_advisory_lock(hashtext(current_schema() || ' claims'), $1::bigint::integer)::integer",
              {&low, 1}, [&](const Row& row) { locked = row.integer(0) != 0; });
    if (!asked) return asked.failure();
    return locked;
  }
  void release(std::int64_t number) override {
    if (!session_.is_connected()) return;
    const Value low = number & 0x7fffffff;
    static_cast<void>(query("SELECT pg_advisory_unlock(hashtext(current_schema() || ' claims'), $1::bigint::integer)",
                            {&low, 1}, [](const Row&) {}));
  }
  Result<void> begin_reading() override { return session_.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"); }
  Result<void> commit() override { return session_.commit(); }
  void rollback() override { session_.rollback(); }

  /// The operator of the server has checksums and amcheck.
  Result<std::vector<std::string>> faults() override { return std::vector<std::string>(); }

 private:
  Result<void> query_once(const char* text, std::span<const Value> values,
                          const std::function<void(const Row&)>& take) {
    if (auto ready = session_.be_connected(); !ready) return ready;
    const auto statement = session_.prepared(text, text, {});
    if (!statement) return statement.failure();
    try {
      return session_.run(**statement, StatementValues((*statement)->types, values), PostgresSession::Rows::one_by_one,
                          take);
    } catch (const ImpossibleRow& row) {
      return impossible_row_error(table_of(text), values, row);
    }
  }

  /// The row of a table, whose columns follow the index of its key.
  class RowAfterIndex final : public Row {
   public:
    explicit RowAfterIndex(const Row& row) : row_(row) {}
    bool is_null(int column) const override { return row_.is_null(column + 1); }
    std::int64_t integer(int column) const override { return row_.integer(column + 1); }
    double real(int column) const override { return row_.real(column + 1); }
    std::string_view bytes(int column) const override { return row_.bytes(column + 1); }

   private:
    const Row& row_;
  };

  Result<void> with_arrays(const Table& table, Use use, std::size_t width, std::span<const Value> cells,
                           const std::function<void(const Row&)>& take) {
    if (auto ready = session_.be_connected(); !ready) return ready;
    const std::string& text = text_of(table, use);
    assert(cells.size() % width == 0);
    std::vector<TypeNumber> types;
    std::vector<std::string> arrays;
    for (std::size_t i = 0; i < width; ++i) {
      types.push_back(array_number(table.columns[i].type));
      arrays.push_back(array_of_column(table.columns[i].type, cells, width, i));
    }
    const auto statement = session_.prepared(&text, text.c_str(), std::move(types));
    if (!statement) return statement.failure();
    return session_.run(**statement, StatementValues(std::move(arrays)), PostgresSession::Rows::together, take);
  }

  /// RETURNING gives the added keys, in any order.
  Result<std::vector<bool>> insert_arrays(const Table& table, std::span<const Value> cells) {
    const std::size_t width = table.columns.size();
    AddedRows added(cells, width, table.key_size);
    bool all_known = true;
    auto inserted = with_arrays(table, Use::insert, width, cells,
                                [&](const Row& key) { all_known = added.take(key) && all_known; });
    if (!inserted) return inserted.failure();
    if (!all_known) return fail(Errc::corrupt, std::string(table.name) + " returned a key that was not inserted");
    return std::move(added).added();
  }

  Result<void> copy(const Table& table, std::span<const Value> cells) {
    if (auto ready = session_.be_connected(); !ready) return ready;
    return session_.copy(text_of(table, Use::copy), table, cells);
  }

  const std::string& text_of(const Table& table, Use use) {
    std::string& text = texts_[{&table, use}];
    if (text.empty()) text = statement_text(table, use);
    return text;
  }

  PostgresSession session_;
  std::map<std::pair<const Table*, Use>, std::string> texts_;
  std::map<const Table*, Gamble> gambles_;  // that no key exists
  Partitions partitions_;
};

}  // namespace

std::unique_ptr<Connection> make_postgres_connection(std::string url, ConnectClient connect,
                                                     std::chrono::seconds patience) {
  return std::make_unique<PostgresConnection>(std::move(url), std::move(connect), patience);
}

}  // namespace packwalk::sql
