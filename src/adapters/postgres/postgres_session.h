// A session with a PostgreSQL server: it is made when it is needed, prepares statements once, and runs them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "adapters/postgres/client.h"
#include "adapters/postgres/statement_values.h"
#include "adapters/postgres/watch.h"
#include "adapters/sql/connection.h"

namespace packwalk::sql {

using ConnectClient = std::function<Result<Client>(const std::string& url)>;

/// Of one thread. It connects again after the connection was lost, but never within a transaction.
class PostgresSession {
 public:
  struct Statement {
    std::string name;
    std::vector<TypeNumber> types;  // of its parameters
  };
  /// One by one: an answer of any size takes no memory. Together: several times cheaper.
  enum class Rows { one_by_one, together };

  PostgresSession(std::string url, ConnectClient connect, std::chrono::seconds patience)
      : url_(std::move(url)), connect_(std::move(connect)), patience_(patience) {}

  const Client& client() const { return client_; }
  bool is_connected() const { return client_ && PQstatus(client_.get()) == CONNECTION_OK; }
  bool in_transaction() const { return in_transaction_; }
  /// The last conversation ended because the server was silent, or nobody waited any more.
  bool gave_up() const { return gave_up_; }
  /// Which one this is: another number after each connecting.
  std::uint64_t number() const { return number_; }

  /// For the first time, or again when the connection is lost or the schema is no longer what it was; but never within
  /// a transaction, whose first half is lost with the connection.
  Result<void> be_connected();

  /// Prepared once; `key` is its name here: an address that stays. Types of parameters are asked for unless given; a
  /// whole number is taken in 64 bits, whatever column it is compared with. Only when connected, like all that follows.
  Result<const Statement*> prepared(const void* key, const char* text, std::vector<TypeNumber> types);

  Result<void> run(const Statement& statement, const StatementValues& values, Rows rows,
                   const std::function<void(const Row&)>& take);
  /// Once per row of `cells`; says for each in `changed` whether it changed anything. All answers must fit the socket's
  /// buffers.
  Result<void> run_pipelined(const Statement& statement, std::span<const Value> cells, std::vector<bool>& changed);
  /// Runs `text`, which ends with a COPY behind a savepoint `before_copy`. All rows are added or, with Errc::conflict,
  /// none.
  Result<void> copy(const std::string& text, const Table& table, std::span<const Value> cells);

  Result<void> begin(const char* text);
  Result<void> commit();
  void rollback();

 private:
  class Conversation;
  class DrainAnswers;

  bool must_connect_anew();
  std::string schema_version();
  Result<void> prepare(const std::string& name, const char* text, const std::vector<TypeNumber>& types);
  Result<void> send_rows(const Statement& statement, std::span<const Value> cells);
  Result<void> send_copy_rows(const Table& table, std::span<const Value> cells, Conversation& conversation);
  Failure give_up();
  Failure failure(const PGresult* answer);

  const std::string url_;
  const ConnectClient connect_;
  const std::chrono::seconds patience_;
  Client client_;
  const Watch* watch_ = nullptr;  // of the conversation under way
  bool gave_up_ = false;
  std::uint64_t number_ = 0;
  bool in_transaction_ = false;
  bool doubts_schema_ = false;  // a statement failed as if it were another one
  std::chrono::steady_clock::time_point connected_at_;
  std::chrono::steady_clock::time_point looked_at_;        // at the schema's version
  std::string version_;                                    // which was this when it connected
  std::unordered_map<const void*, Statement> statements_;  // of this connection
};

}  // namespace packwalk::sql
