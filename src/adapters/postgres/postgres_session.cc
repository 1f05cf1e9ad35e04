#include "adapters/postgres/postgres_session.h"

#include <algorithm>
#include <cstring>

#include "base/work_limits.h"

namespace packwalk::sql {
namespace {

constexpr std::size_t answers_between_looks = 64;
constexpr std::chrono::seconds looks_apart{5};   // query of the schema's version
constexpr std::chrono::seconds doubts_apart{1};  // least interval between checks of the schema
constexpr std::size_t copy_piece_rows = 500;     // the server processes them while the next ones are prepared

TypeNumber widened(TypeNumber type) {
  const bool narrow = type == type_number(Type::int16) || type == type_number(Type::int32);
  return narrow ? type_number(Type::int64) : type;
}

}  // namespace

/// One exchange with the server, with a deadline.
class PostgresSession::Conversation {
 public:
  explicit Conversation(PostgresSession& session)
      : session_(session), watch_(session.client_.get(), session.patience_) {
    session_.watch_ = &watch_;
  }
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;
  ~Conversation() {
    session_.gave_up_ = watch_.has_ended();
    session_.watch_ = nullptr;
  }
  void go_on() { watch_.go_on(); }

 private:
  PostgresSession& session_;
  Watch watch_;
};

/// Even if a callback throws, no answer of one statement is left for the next.
class PostgresSession::DrainAnswers {
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

Result<void> PostgresSession::be_connected() {
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
  ++number_;
  return {};
}

/// A newer program may have migrated the schema: checks it from time to time, and if a statement found no table or
/// column. Connecting validates it.
bool PostgresSession::must_connect_anew() {
  if (in_transaction_) return false;
  const auto now = std::chrono::steady_clock::now();
  if (doubts_schema_) return now - connected_at_ >= doubts_apart;
  if (now - looked_at_ < looks_apart) return false;
  looked_at_ = now;
  return schema_version() != version_;
}

/// As text; "" if unknown.
std::string PostgresSession::schema_version() {
  const Conversation conversation(*this);
  const Answer answer(PQexec(client_.get(), "SELECT version FROM packwalk_schema"));
  const bool is_there = PQresultStatus(answer.get()) == PGRES_TUPLES_OK && PQntuples(answer.get()) == 1;
  return is_there ? PQgetvalue(answer.get(), 0, 0) : "";
}

Result<const PostgresSession::Statement*> PostgresSession::prepared(const void* key, const char* text,
                                                                    std::vector<TypeNumber> types) {
  const auto found = statements_.find(key);
  if (found != statements_.end()) return &found->second;
  const Conversation conversation(*this);
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

Result<void> PostgresSession::prepare(const std::string& name, const char* text, const std::vector<TypeNumber>& types) {
  const Answer made(PQprepare(client_.get(), name.c_str(), text, static_cast<int>(types.size()), types.data()));
  if (PQresultStatus(made.get()) != PGRES_COMMAND_OK) return failure(made.get());
  return {};
}

Result<void> PostgresSession::run(const Statement& statement, const StatementValues& values, Rows rows,
                                  const std::function<void(const Row&)>& take) {
  Conversation conversation(*this);
  if (PQsendQueryPrepared(client_.get(), statement.name.c_str(), values.count(), values.pointers(), values.lengths(),
                          values.formats(), 1) == 0) {
    return failure(nullptr);
  }
  if (rows == Rows::one_by_one) PQsetSingleRowMode(client_.get());
  Result<void> outcome;
  const DrainAnswers rest(client_.get());
  for (std::size_t answers = 1; const Answer answer{PQgetResult(client_.get())}; ++answers) {
    if (answers % answers_between_looks == 0) conversation.go_on();
    const ExecStatusType status = PQresultStatus(answer.get());
    if (status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK) {
      for (int row = 0; row < PQntuples(answer.get()); ++row) take(PostgresRow(answer.get(), row));
    } else if (status != PGRES_COMMAND_OK) {
      outcome = failure(answer.get());
    }
  }
  return outcome;
}

Result<void> PostgresSession::run_pipelined(const Statement& statement, std::span<const Value> cells,
                                            std::vector<bool>& changed) {
  const std::size_t width = statement.types.size();
  Conversation conversation(*this);
  if (PQenterPipelineMode(client_.get()) == 0) return give_up();
  if (auto sent = send_rows(statement, cells); !sent) return sent;
  if (PQpipelineSync(client_.get()) == 0) return give_up();
  Result<void> outcome;
  for (std::size_t left = cells.size() / width; left > 0; --left) {
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

Result<void> PostgresSession::send_rows(const Statement& statement, std::span<const Value> cells) {
  const std::size_t width = statement.types.size();
  for (; !cells.empty(); cells = cells.subspan(width)) {
    const StatementValues values(statement.types, cells.first(width));
    if (PQsendQueryPrepared(client_.get(), statement.name.c_str(), values.count(), values.pointers(), values.lengths(),
                            values.formats(), 1) == 0) {
      return give_up();
    }
  }
  return {};
}

Result<void> PostgresSession::copy(const std::string& text, const Table& table, std::span<const Value> cells) {
  Result<void> outcome;
  {
    Conversation conversation(*this);
    if (PQsendQuery(client_.get(), text.c_str()) == 0) return failure(nullptr);
    const Answer savepoint(PQgetResult(client_.get()));
    const Answer started(PQgetResult(client_.get()));
    if (PQresultStatus(started.get()) != PGRES_COPY_IN) {
      const DrainAnswers rest(client_.get());
      return failure(started ? started.get() : savepoint.get());
    }
    if (auto sent = send_copy_rows(table, cells, conversation); !sent) return sent;
    const DrainAnswers rest(client_.get());
    const Answer answer(PQgetResult(client_.get()));
    if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK) outcome = failure(answer.get());
  }
  if (!outcome && outcome.error().code == Errc::conflict) {
    if (auto back = run_simple(client_, "ROLLBACK TO SAVEPOINT before_copy", patience_); !back) return back;
  }
  return outcome;
}

Result<void> PostgresSession::send_copy_rows(const Table& table, std::span<const Value> cells,
                                             Conversation& conversation) {
  std::string bytes = copy_header();
  while (!cells.empty()) {
    const auto piece = cells.first(std::min(cells.size(), copy_piece_rows * table.columns.size()));
    append_copy_rows(bytes, table, piece);
    if (PQputCopyData(client_.get(), bytes.data(), static_cast<int>(bytes.size())) != 1) return give_up();
    conversation.go_on();
    bytes.clear();
    cells = cells.subspan(piece.size());
  }
  bytes.append(copy_trailer());
  if (PQputCopyData(client_.get(), bytes.data(), static_cast<int>(bytes.size())) != 1) return give_up();
  if (PQputCopyEnd(client_.get(), nullptr) != 1) return give_up();
  return {};
}

Result<void> PostgresSession::begin(const char* text) {
  if (auto ready = be_connected(); !ready) return ready;
  auto begun = run_simple(client_, text, patience_);
  in_transaction_ = begun.has_value();
  return begun;
}

Result<void> PostgresSession::commit() {
  const Conversation conversation(*this);
  const Answer answer(PQexec(client_.get(), "COMMIT"));
  in_transaction_ = false;
  if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK) return failure(answer.get());
  if (std::strcmp(PQcmdStatus(answer.get()), "COMMIT") != 0) {
    return fail(Errc::unavailable, "PostgreSQL rolled back what had failed");
  }
  return {};
}

void PostgresSession::rollback() {
  in_transaction_ = false;
  if (PQtransactionStatus(client_.get()) == PQTRANS_IDLE) return;
  const Conversation conversation(*this);
  const Answer ignored(PQexec(client_.get(), "ROLLBACK"));
}

/// After a failure during an exchange, the state is unknown: closes the connection.
Failure PostgresSession::give_up() {
  auto error = failure(nullptr);
  client_.reset();
  return error;
}

Failure PostgresSession::failure(const PGresult* answer) {
  if (watch_ && watch_->has_ended()) {
    return fail(Errc::unavailable, "PostgreSQL: it did not answer in time, or the caller has given up");
  }
  auto error = failure_of(client_, answer);
  doubts_schema_ = doubts_schema_ || error.value().code == Errc::broken;
  return error;
}

}  // namespace packwalk::sql
