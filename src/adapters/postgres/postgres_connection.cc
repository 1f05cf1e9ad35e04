#include "adapters/postgres/postgres_connection.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <unordered_map>
#include <utility>

#include "adapters/postgres/added_rows.h"
#include "adapters/postgres/client.h"
#include "adapters/postgres/partitions.h"
#include "adapters/postgres/statements.h"
#include "adapters/postgres/wire_form.h"
#include "adapters/sql/impossible_row.h"
#include "base/work_limits.h"

namespace packwalk::sql {
namespace {

constexpr std::size_t pipeline_rows = 500;  // their answers must fit the socket's buffers
constexpr std::size_t answers_between_looks = 64;
constexpr std::chrono::seconds looks_apart{5};   // at the schema's version
constexpr std::chrono::seconds doubts_apart{1};  // at least, from one look at the schema to the next
constexpr std::size_t copied_rows_min = 20;      // fewer rows are cheaper as arrays
constexpr std::size_t copy_piece_rows = 500;     // the server works on them while the next are made ready

class PostgresRow final : public Row {
 public:
  explicit PostgresRow(const PGresult* answer, int row) : answer_(answer), row_(row) {}

  bool is_null(int column) const override { return PQgetisnull(answer_, row_, column) != 0; }
  std::int64_t integer(int column) const override { return integer_from_wire(PQftype(answer_, column), bytes(column)); }
  double real(int column) const override { return real_from_wire(PQftype(answer_, column), bytes(column)); }
  std::string_view bytes(int column) const override {
    return {PQgetvalue(answer_, row_, column), static_cast<std::size_t>(PQgetlength(answer_, row_, column))};
  }

 private:
  const PGresult* answer_;
  int row_;
};

/// Whether to bet on something. After each bet that was lost in a row a doubled number of chances goes by.
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

/// The values of one run of a statement, as libpq wants them.
class Parameters {
 public:
  /// `types` as the server told them; a type that we do not use is sent as the value is.
  Parameters(std::span<const TypeNumber> types, std::span<const Value> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const Type* type = i < types.size() ? type_of_number(types[i]) : nullptr;
      std::string bytes;
      append_wire(bytes, type ? *type : Type::text, values[i]);
      add(std::move(bytes), std::holds_alternative<std::monostate>(values[i]));
    }
    point();
  }
  explicit Parameters(std::vector<std::string> arrays) {
    for (std::string& array : arrays) add(std::move(array), false);
    point();
  }

  int count() const { return static_cast<int>(bytes_.size()); }
  const char* const* pointers() const { return pointers_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  void add(std::string bytes, bool null) {
    lengths_.push_back(static_cast<int>(bytes.size()));
    formats_.push_back(1);
    bytes_.push_back(std::move(bytes));
    nulls_.push_back(null);
  }
  void point() {
    for (std::size_t i = 0; i < bytes_.size(); ++i) pointers_.push_back(nulls_[i] ? nullptr : bytes_[i].data());
  }

  std::vector<std::string> bytes_;
  std::vector<bool> nulls_;
  std::vector<const char*> pointers_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

class PostgresConnection final : public Connection {
 public:
  PostgresConnection(std::string url, ConnectClient connect, std::chrono::seconds patience)
      : url_(std::move(url)), connect_(std::move(connect)), patience_(patience), partitions_(url_, patience) {}

  Result<void> query(const char* text, std::span<const Value> values,
                     const std::function<void(const Row&)>& take) override {
    if (work_must_end()) return Failure(work_ended());
    bool any = false;
    const auto taken = [&](const Row& row) {
      any = true;
      take(row);
    };
    const bool seemed_good = is_connected();
    auto asked = query_once(text, values, taken);
    // An idle connection may have been lost long ago, and only its use shows it.
    const bool was_lost = seemed_good && !asked && !any && !in_transaction_ && !gave_up_ && !is_connected();
    return was_lost ? query_once(text, values, taken) : asked;
  }

  Result<std::vector<bool>> execute_many(const char* text, std::span<const Value> cells) override {
    if (auto ready = be_connected(); !ready) return ready.failure();
    const auto statement = prepared(text, text, {});
    if (!statement) return statement.failure();
    const std::size_t width = (*statement)->types.size();
    std::vector<bool> changed;
    changed.reserve(cells.size() / width);
    while (!cells.empty()) {
      const auto piece = cells.first(std::min(cells.size(), pipeline_rows * width));
      if (auto done = run_pipelined(**statement, piece, changed); !done) return done.failure();
      cells = cells.subspan(piece.size());
    }
    return changed;
  }

  Result<std::vector<bool>> insert(const Table& table, std::span<const Value> cells) override {
    const std::size_t width = table.columns.size();
    const std::size_t rows = cells.size() / width;
    if (rows == 0) return std::vector<bool>();
    const auto partitions = partitions_.make_for(table, cells, client_);
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
          const auto place = static_cast<std::size_t>(row.integer(0)) - 1;
          try {
            take(place, RowAfterCursor(row));
          } catch (const ImpossibleRow& why) {
            const auto key = keys.subspan(place * table.key_size, table.key_size);
            if (read) read = impossible_row_error(table.name, key, why);
          }
        });
    return asked ? read : asked;
  }

  Result<void> begin() override { return begin_with("BEGIN"); }
  Result<void> be_alone(const char* what) override {
    const Value name = std::string_view(what);
    return query("SELECT pg_advisory_xact_lock(hashtext('packwalk ' || $1))", {&name, 1}, [](const Row&) {});
  }
  std::uint64_t session() const override { return session_; }
  /// A lock of the session in a space of its own. Two numbers with the same last 31 bits cannot both be locked, which
  /// only delays one of them.
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
    if (!client_ || PQstatus(client_.get()) != CONNECTION_OK) return;
    const Value low = number & 0x7fffffff;
    static_cast<void>(query("SELECT pg_advisory_unlock(hashtext(current_schema() || ' claims'), $1::bigint::integer)",
                            {&low, 1}, [](const Row&) {}));
  }
  Result<void> begin_reading() override { return begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"); }
  Result<void> commit() override {
    const Guard guard(*this);
    const Answer answer(PQexec(client_.get(), "COMMIT"));
    in_transaction_ = false;
    if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK) return failure(answer.get());
    if (std::strcmp(PQcmdStatus(answer.get()), "COMMIT") != 0) {
      return fail(Errc::unavailable, "PostgreSQL rolled back what had failed");
    }
    return {};
  }
  void rollback() override {
    in_transaction_ = false;
    if (PQtransactionStatus(client_.get()) == PQTRANS_IDLE) return;
    const Guard guard(*this);
    const Answer ignored(PQexec(client_.get(), "ROLLBACK"));
  }

  /// Its checksums and amcheck are for whoever runs the server.
  Result<std::vector<std::string>> faults() override { return std::vector<std::string>(); }

 private:
  /// One conversation with the server, which it may not let wait for ever.
  class Guard {
   public:
    explicit Guard(PostgresConnection& connection)
        : connection_(connection), watch_(connection.client_.get(), connection.patience_) {
      connection_.watch_ = &watch_;
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    ~Guard() {
      connection_.gave_up_ = watch_.has_ended();
      connection_.watch_ = nullptr;
    }
    void go_on() { watch_.go_on(); }

   private:
    PostgresConnection& connection_;
    Watch watch_;
  };

  Result<void> query_once(const char* text, std::span<const Value> values,
                          const std::function<void(const Row&)>& take) {
    if (auto ready = be_connected(); !ready) return ready;
    const auto statement = prepared(text, text, {});
    if (!statement) return statement.failure();
    try {
      return run(**statement, Parameters((*statement)->types, values), Rows::one_by_one, take);
    } catch (const ImpossibleRow& row) {
      return impossible_row_error(table_of(text), values, row);
    }
  }

  struct Statement {
    std::string name;
    std::vector<TypeNumber> types;  // of its parameters
  };

  /// The row of a table behind the place of its key.
  class RowAfterCursor final : public Row {
   public:
    explicit RowAfterCursor(const Row& row) : row_(row) {}
    bool is_null(int column) const override { return row_.is_null(column + 1); }
    std::int64_t integer(int column) const override { return row_.integer(column + 1); }
    double real(int column) const override { return row_.real(column + 1); }
    std::string_view bytes(int column) const override { return row_.bytes(column + 1); }

   private:
    const Row& row_;
  };

  Result<void> begin_with(const char* text) {
    if (auto ready = be_connected(); !ready) return ready;
    auto begun = sql::run_simple(client_, text, patience_);
    in_transaction_ = begun.has_value();
    return begun;
  }

  bool is_connected() const { return client_ && PQstatus(client_.get()) == CONNECTION_OK; }

  /// A newer program may have migrated the schema since: who connects judges it. Looks now and then, and when a
  /// statement found no table or column.
  bool must_connect_anew() {
    if (in_transaction_) return false;
    const auto now = std::chrono::steady_clock::now();
    if (doubts_schema_) return now - connected_at_ >= doubts_apart;
    if (now - looked_at_ < looks_apart) return false;
    looked_at_ = now;
    return schema_version() != version_;
  }

  /// As text; "" where nobody says.
  std::string schema_version() {
    const Guard guard(*this);
    const Answer answer(PQexec(client_.get(), "SELECT version FROM packwalk_schema"));
    const bool is_there = PQresultStatus(answer.get()) == PGRES_TUPLES_OK && PQntuples(answer.get()) == 1;
    return is_there ? PQgetvalue(answer.get(), 0, 0) : "";
  }

  /// For the first time, or anew when the connection is lost or the schema is no longer what it was; but never within a
  /// transaction, whose first half is lost with the connection.
  Result<void> be_connected() {
    if (is_connected() && !must_connect_anew()) return {};
    if (in_transaction_) return fail(Errc::unavailable, "PostgreSQL: the connection was lost in a transaction");
    connected_at_ = std::chrono::steady_clock::now();
    statements_.clear();
    client_.reset();
    const LimitedWork within({std::chrono::steady_clock::now() + patience_, work_limits().gone});
    auto client = connect_(url_);
    if (!client) return client.failure();
    client_ = *std::move(client);
    doubts_schema_ = false;
    version_ = schema_version();
    looked_at_ = std::chrono::steady_clock::now();
    ++session_;
    return {};
  }

  /// After a failure in the midst of a conversation nobody knows what comes next: the connection is given up.
  Failure give_up() {
    auto error = failure(nullptr);
    client_.reset();
    return error;
  }

  /// Prepared once; `key` is its name here: an address that stays. Types of parameters are asked for unless given; a
  /// whole number is taken in 64 bits, whatever column it is compared with.
  Result<const Statement*> prepared(const void* key, const char* text, std::vector<TypeNumber> types) {
    const auto found = statements_.find(key);
    if (found != statements_.end()) return &found->second;
    const Guard guard(*this);
    if (types.empty()) {
      if (auto made = prepare("", text, types); !made) return made.failure();
      const Answer described(PQdescribePrepared(client_.get(), ""));
      if (PQresultStatus(described.get()) != PGRES_COMMAND_OK) return failure(described.get());
      for (int i = 0; i < PQnparams(described.get()); ++i) types.push_back(widened(PQparamtype(described.get(), i)));
    }
    Statement statement{"s" + std::to_string(statements_.size()), std::move(types)};
    if (auto made = prepare(statement.name, text, statement.types); !made) {
      return made.failure();
    }
    return &statements_.emplace(key, std::move(statement)).first->second;
  }

  Result<void> prepare(const std::string& name, const char* text, const std::vector<TypeNumber>& types) {
    const Answer made(PQprepare(client_.get(), name.c_str(), text, static_cast<int>(types.size()), types.data()));
    if (PQresultStatus(made.get()) != PGRES_COMMAND_OK) return failure(made.get());
    return {};
  }

  static TypeNumber widened(TypeNumber type) {
    const bool narrow = type == type_number(Type::int16) || type == type_number(Type::int32);
    return narrow ? type_number(Type::int64) : type;
  }

  /// One by one: an answer of any size takes no memory. Together: several times cheaper.
  enum class Rows { one_by_one, together };

  Result<void> run(const Statement& statement, const Parameters& parameters, Rows rows,
                   const std::function<void(const Row&)>& take) {
    Guard guard(*this);
    if (PQsendQueryPrepared(client_.get(), statement.name.c_str(), parameters.count(), parameters.pointers(),
                            parameters.lengths(), parameters.formats(), 1) == 0) {
      return failure(nullptr);
    }
    if (rows == Rows::one_by_one) PQsetSingleRowMode(client_.get());
    Result<void> outcome;
    const DrainAnswers rest(client_.get());
    for (std::size_t answers = 1; const Answer answer{PQgetResult(client_.get())}; ++answers) {
      if (answers % answers_between_looks == 0) guard.go_on();
      const ExecStatusType status = PQresultStatus(answer.get());
      if (status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK) {
        for (int row = 0; row < PQntuples(answer.get()); ++row) take(PostgresRow(answer.get(), row));
      } else if (status != PGRES_COMMAND_OK) {
        outcome = failure(answer.get());
      }
    }
    return outcome;
  }

  /// Also when a callback throws, nothing of one statement is left for the next.
  class DrainAnswers {
   public:
    explicit DrainAnswers(PGconn* client) : client_(client) {}
    DrainAnswers(const DrainAnswers&) = delete;
    DrainAnswers& operator=(const DrainAnswers&) = delete;
    ~DrainAnswers() {
      while (const Answer ignored{PQgetResult(client_)}) {
      }
    }

   private:
    PGconn* client_;
  };

  Result<void> run_pipelined(const Statement& statement, std::span<const Value> cells, std::vector<bool>& changed) {
    const std::size_t width = statement.types.size();
    Guard guard(*this);
    if (PQenterPipelineMode(client_.get()) == 0) return give_up();
    std::size_t sent = 0;
    for (auto rest = cells; !rest.empty(); rest = rest.subspan(width)) {
      const Parameters parameters(statement.types, rest.first(width));
      if (PQsendQueryPrepared(client_.get(), statement.name.c_str(), parameters.count(), parameters.pointers(),
                              parameters.lengths(), parameters.formats(), 1) == 0) {
        return give_up();
      }
      ++sent;
    }
    if (PQpipelineSync(client_.get()) == 0) return give_up();
    Result<void> outcome;
    for (std::size_t i = 0; i < sent; ++i) {
      const Answer answer(PQgetResult(client_.get()));
      const ExecStatusType status = PQresultStatus(answer.get());
      if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
        changed.push_back(std::strcmp(PQcmdTuples(answer.get()), "0") != 0);
      } else if (outcome) {
        outcome = failure(answer.get());
      }
      const Answer end_of_statement(PQgetResult(client_.get()));
      if (PQstatus(client_.get()) != CONNECTION_OK) return give_up();
    }
    const Answer sync(PQgetResult(client_.get()));
    if (PQexitPipelineMode(client_.get()) == 0) return give_up();
    return outcome;
  }

  Result<void> with_arrays(const Table& table, Use use, std::size_t width, std::span<const Value> cells,
                           const std::function<void(const Row&)>& take) {
    if (auto ready = be_connected(); !ready) return ready;
    const std::string& text = text_of(table, use);
    std::vector<TypeNumber> types;
    std::vector<std::string> arrays;
    for (std::size_t i = 0; i < width; ++i) {
      types.push_back(array_number(table.columns[i].type));
      arrays.push_back(array_of_column(table.columns[i].type, cells, width, i));
    }
    const auto statement = prepared(&text, text.c_str(), std::move(types));
    if (!statement) return statement.failure();
    return run(**statement, Parameters(std::move(arrays)), Rows::together, take);
  }

  /// RETURNING tells the keys that were added, in any order.
  Result<std::vector<bool>> insert_arrays(const Table& table, std::span<const Value> cells) {
    const std::size_t width = table.columns.size();
    AddedRows added(cells, width, table.key_size);
    bool all_known = true;
    auto inserted = with_arrays(table, Use::insert, width, cells,
                                [&](const Row& key) { all_known = added.take(key) && all_known; });
    if (!inserted) return inserted.failure();
    if (!all_known) return fail(Errc::corrupt, std::string(table.name) + " took a row that it was not given");
    return std::move(added).added();
  }

  /// All or, with Errc::conflict, none.
  Result<void> copy(const Table& table, std::span<const Value> cells) {
    if (auto ready = be_connected(); !ready) return ready;
    Guard guard(*this);
    if (PQsendQuery(client_.get(), text_of(table, Use::copy).c_str()) == 0) return failure(nullptr);
    const Answer savepoint(PQgetResult(client_.get()));
    const Answer started(PQgetResult(client_.get()));
    if (PQresultStatus(started.get()) != PGRES_COPY_IN) {
      const DrainAnswers rest(client_.get());
      return failure(started ? started.get() : savepoint.get());
    }
    std::string bytes = copy_header();
    while (!cells.empty()) {
      const auto piece = cells.first(std::min(cells.size(), copy_piece_rows * table.columns.size()));
      append_copy_rows(bytes, table, piece);
      if (PQputCopyData(client_.get(), bytes.data(), static_cast<int>(bytes.size())) != 1) return give_up();
      guard.go_on();
      bytes.clear();
      cells = cells.subspan(piece.size());
    }
    bytes.append(copy_trailer());
    if (PQputCopyData(client_.get(), bytes.data(), static_cast<int>(bytes.size())) != 1) return give_up();
    if (PQputCopyEnd(client_.get(), nullptr) != 1) return give_up();
    Result<void> outcome;
    {
      const DrainAnswers rest(client_.get());
      const Answer answer(PQgetResult(client_.get()));
      if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK) outcome = failure(answer.get());
    }
    if (!outcome && outcome.error().code == Errc::conflict) {
      if (auto back = sql::run_simple(client_, "ROLLBACK TO SAVEPOINT before_copy", patience_); !back) return back;
    }
    return outcome;
  }

  const std::string& text_of(const Table& table, Use use) {
    std::string& text = texts_[{&table, use}];
    if (text.empty()) text = statement_text(table, use);
    return text;
  }

  Failure failure(const PGresult* answer) {
    if (watch_ && watch_->has_ended()) {
      return fail(Errc::unavailable, "PostgreSQL: it did not answer in time, or nobody waits any more");
    }
    auto error = failure_of(client_, answer);
    doubts_schema_ = doubts_schema_ || error.value().code == Errc::broken;
    return error;
  }

  const std::string url_;
  const ConnectClient connect_;
  const std::chrono::seconds patience_;
  Client client_;
  const Watch* watch_ = nullptr;  // of the conversation under way
  bool gave_up_ = false;          // the last one ended so
  std::uint64_t session_ = 0;
  bool in_transaction_ = false;
  bool doubts_schema_ = false;  // a statement failed as if it were another one
  std::chrono::steady_clock::time_point connected_at_;
  std::chrono::steady_clock::time_point looked_at_;        // at the schema's version
  std::string version_;                                    // which was this when it connected
  std::unordered_map<const void*, Statement> statements_;  // of this connection
  std::map<std::pair<const Table*, Use>, std::string> texts_;
  std::map<const Table*, Gamble> gambles_;  // that no key is taken
  Partitions partitions_;
};

}  // namespace

std::unique_ptr<Connection> make_postgres_connection(std::string url, ConnectClient connect,
                                                     std::chrono::seconds patience) {
  return std::make_unique<PostgresConnection>(std::move(url), std::move(connect), patience);
}

}  // namespace packwalk::sql
