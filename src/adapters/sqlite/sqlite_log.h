// SQLite's log (FILE-wal) as all writers of this process share it: one at a time, and never a confirmation behind a
// hole. docs/decisions/sqlite-is-the-embedded-store.md says why.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "adapters/sqlite/writer_turns.h"
#include "base/result.h"

struct sqlite3;

namespace packwalk::sql {

struct CloseDatabase {
  void operator()(sqlite3* db) const;
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

/// One per database file and process. Thread-safe; what needs a turn says so.
class SqliteLog {
 public:
  explicit SqliteLog(std::string path) : path_(std::move(path)) {}

  /// The one of the database at `path`, for as long as somebody holds it.
  static std::shared_ptr<SqliteLog> of(const std::string& path);

  /// A writer has its turn from before its transaction begins until it has ended and its errors were noted. So nobody
  /// else can flush and confirm between a flush that failed and the note of it.
  WriterTurns& turns() { return turns_; }

  /// A flush failed, or whatever else: what was written to the log since the flush before may be lost, though it can
  /// still be read. mend() must succeed before anything is confirmed again.
  void note_failure() { is_hollow_ = true; }
  bool is_hollow() const { return is_hollow_; }

  /// Writes the whole log again from what can be read of it, and flushes it: then it has no hole. In a turn; `db` is in
  /// no transaction. Ends the process if the log can no longer be read as it was written: what is on the disk is whole
  /// up to the hole, nothing was confirmed behind it, and only a start anew reads it so.
  Result<void> mend(sqlite3* db);

  /// What copy_into_database() found: frames of the log, and how many of them are in the database. Readers that began
  /// earlier keep the rest from being copied.
  struct Copied {
    int frames = 0;
    int copied = 0;
    bool all() const { return frames == copied; }
  };
  /// In a turn; `db` is in no transaction. Holds the writer's lock meanwhile, and copies on a connection that does
  /// nothing else: so no two connections of any processes copy at once, and none writes beside them. Errc::overloaded:
  /// somebody of another process writes.
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

/// The error of `db`, with a message; a failure of input or output is what SqliteLog::note_failure() is for.
Failure failure_of(sqlite3* db);
bool is_io_failure(sqlite3* db);

}  // namespace packwalk::sql
