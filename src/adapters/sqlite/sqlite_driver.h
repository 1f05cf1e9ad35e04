// The driver itself: one connection to a database of SQLite.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "adapters/sqlite/sqlite_log.h"
#include "adapters/sqlite/sqlite_statement.h"

namespace packwalk::sql {

class SqliteConnection final : public Connection {
 public:
  /// Errc::broken: the file is not a database. `log` is null for a read-only connection.
  static Result<std::unique_ptr<SqliteConnection>> connect(const std::string& path, std::shared_ptr<SqliteLog> log);

  SqliteConnection(Database db, std::shared_ptr<SqliteLog> log) : log_(std::move(log)), db_(std::move(db)) {}
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;
  ~SqliteConnection() override { rollback(); }

  Result<void> query(const char* text, std::span<const Value> values,
                     const std::function<void(const Row&)>& take) override;
  Result<std::vector<bool>> execute_many(const char* text, std::span<const Value> cells) override;
  Result<std::vector<bool>> insert(const Table& table, std::span<const Value> cells) override;
  Result<void> put(const Table& table, std::span<const Value> cells) override;
  Result<void> read(const Table& table, std::span<const Value> keys, Hold hold,
                    const std::function<void(std::size_t, const Row&)>& take) override;

  Result<void> begin() override;
  Result<void> be_alone(const char*) override { return {}; }  // who writes is alone
  std::uint64_t session() const override { return 1; }
  Result<bool> lock(std::int64_t) override { return true; }
  void release(std::int64_t) override {}
  Result<void> begin_reading() override { return run("BEGIN"); }
  Result<void> commit() override;
  void rollback() override;
  Result<std::vector<std::string>> faults() override;

  /// From now on, statements are interrupted at the limits of the thread's work (base/work_limits.h).
  void end_with_work();
  /// From now on, this connection gives way to other writers of this process.
  void give_way() { waiting_ = WriterTurns::Waiting::gives_way; }
  /// Runs any statements, for settings and migrations.
  Result<void> run(const char* text);
  /// Flushes the log of a crashed process: it may never have reached the disk, and duplicates of it would be confirmed.
  Result<void> write_log_again();
  /// Counts the pages of the log from now on. SQLite's automatic checkpoint is off.
  void watch_log();
  /// Switches to WAL. SQLite does not wait if another program does the same, so this function retries.
  Result<void> switch_to_wal();

 private:
  enum class Use { insert, put, read };

  static std::string statement_text(const Table& table, Use use);
  const char* text_of(const Table& table, Use use);
  Result<sqlite3_stmt*> prepared(const char* text);
  Result<void> step_all(const char* text, std::span<const Value> values, const std::function<void(const Row&)>& take);
  bool is_busy() const;
  Result<void> take_turn();
  void end_turn();
  Result<void> copy_log();
  Failure failure() const;

  static constexpr int log_pages_max = 16'384;  // 64 MiB of log before it is copied into the database

  const std::shared_ptr<SqliteLog> log_;
  WriterTurns::Waiting waiting_ = WriterTurns::Waiting::in_line;
  bool has_turn_ = false;
  int log_pages_ = 0;            // after the last commit
  int copy_at_ = log_pages_max;  // so many
  bool log_trouble_ = false;     // it could not be copied
  std::map<std::pair<const Table*, Use>, std::string> texts_;
  Database db_;
  std::unordered_map<const char*, Statement> statements_;  // after db_: finalized before it closes
};

}  // namespace packwalk::sql
