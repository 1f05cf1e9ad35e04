// A session with a PostgreSQL server. Connects on demand, prepares statements once, and runs them.
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

/// For one thread. Reconnects after a lost connection, but never within a transaction.
class PostgresSession {
 public:
  struct Statement {
    std::string name;
    std::vector<TypeNumber> types;  // of its parameters
  };
  /// One by one: an answer of any size needs no memory. Together: several times faster.
  enum class Rows { one_by_one, together };

  PostgresSession(std::string url, ConnectClient connect, std::chrono::seconds patience)
      : url_(std::move(url)), connect_(std::move(connect)), patience_(patience) {}

  const Client& client() const { return client_; }
  bool is_connected() const { return client_ && PQstatus(client_.get()) == CONNECTION_OK; }
  bool in_transaction() const { return in_transaction_; }
  /// Whether the last exchange ended because the server was silent or the caller had given up.
  bool gave_up() const { return gave_up_; }
  /// The number of this connection, which changes with each connect.
  std::uint64_t number() const { return number_; }

  /// Connects at first use, or again if the connection is lost or the schema has changed. Never within a transaction,
  /// because its first half is lost with the connection.
  Result<void> be_connected();

  /// Prepares a statement once. `key`, a constant address, identifies it. Queries the types of parameters unless they
  /// are given; whole numbers have 64 bits for any column. Requires a connection, like all functions below.
  Result<const Statement*> prepared(const void* key, const char* text, std::vector<TypeNumber> types);

  Result<void> run(const Statement& statement, const StatementValues& values, Rows rows,
                   const std::function<void(const Row&)>& take);
  /// Runs it once per row of `cells`, and sets in `changed` whether it changed a row. All answers must fit into the
  /// socket's buffers.
  Result<void> run_pipelined(const Statement& statement, std::span<const Value> cells, std::vector<bool>& changed);
  /// Runs `text`, which ends with a COPY after a savepoint `before_copy`. Adds all rows or, with Errc::conflict, none.
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
  const Watch* watch_ = nullptr;  // of the current exchange
  bool gave_up_ = false;
  std::uint64_t number_ = 0;
  bool in_transaction_ = false;
  bool doubts_schema_ = false;  // a statement failed as with another schema
  std::chrono::steady_clock::time_point connected_at_;
  std::chrono::steady_clock::time_point looked_at_;        // at the schema's version
  std::string version_;                                    // which was this when it connected
  std::unordered_map<const void*, Statement> statements_;  // of this connection
};

}  // namespace packwalk::sql
