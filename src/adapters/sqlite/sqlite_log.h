// SQLite's log (FILE-wal), shared by all writers of this process: one writer at a time, and no confirmation after a
// hole. docs/decisions/sqlite-is-the-embedded-store.md explains why.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

#include "adapters/sqlite/writer_turns.h"
#include "base/result.h"

struct sqlite3;

namespace packwalk::sql {

// sqlite.org/fileformat2.html#walformat promises these sizes.
inline constexpr std::size_t log_header_bytes = 32;
inline constexpr std::size_t frame_header_bytes = 24;

struct CloseDatabase {
  void operator()(sqlite3* db) const;
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

/// One per database file and process. Thread-safe; some functions require a turn.
class SqliteLog {
 public:
  explicit SqliteLog(std::string path) : path_(std::move(path)) {}

  /// The log of the database at `path`, which lives as long as its last holder.
  static std::shared_ptr<SqliteLog> of(const std::string& path);

  /// A writer has its turn from before its transaction begins until it has ended and its errors are noted. So no other
  /// writer can flush and confirm between a failed flush and its note.
  WriterTurns& turns() { return turns_; }

  /// Notes a failed flush or another I/O error: data since the previous flush may be lost, although it can still be
  /// read. mend() must succeed before the next confirmation.
  void note_failure() { is_hollow_ = true; }
  bool is_hollow() const { return is_hollow_; }

  /// Writes the whole log again from what can be read of it, and flushes it: then it has no hole. In a turn; `db` is in
  /// no transaction. Ends the process if the log can no longer be read as it was written: the data on disk is complete
  /// up to the hole, nothing was confirmed after it, and only a restart reads it so.
  Result<void> mend(sqlite3* db);

  /// The result of copy_into_database(): frames of the log, and how many of them are in the database. Earlier readers
  /// prevent copying the rest.
  struct Copied {
    int frames = 0;
    int copied = 0;
    bool all() const { return frames == copied; }
  };
  /// In a turn; `db` is in no transaction. Holds the writer's lock and copies on a separate connection, so that no two
  /// connections of any process copy at once, and none writes meanwhile. Errc::overloaded: another process writes.
  Result<Copied> copy_into_database(sqlite3* db);
  /// Within a transaction of `db` that may write: whether the database has all that the log has.
  static bool is_all_copied(sqlite3* db);

 private:
  Result<void> write_again(sqlite3* db) const;

  const std::string path_;
  WriterTurns turns_;
  std::atomic<bool> is_hollow_ = false;
  Database copier_;  // used in a turn
};

/// The error of `db`, with a message. Pass I/O errors to SqliteLog::note_failure().
Failure failure_of(sqlite3* db);
bool is_io_failure(sqlite3* db);

}  // namespace packwalk::sql
