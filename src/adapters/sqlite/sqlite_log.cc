#include "adapters/sqlite/sqlite_log.h"

#include <sqlite3.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace packwalk::sql {
namespace {

// sqlite.org/walformat.html promises this one, too.
constexpr int index_bytes = 32 * 1024;          // of a piece of the log's index in shared memory
constexpr std::size_t piece_bytes = 64 * 1024;  // SQLite writes no more than 128 KiB at once

std::uint32_t big_endian_at(const unsigned char* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
}

/// The running sum of SQLite's log, whose words are of either order.
struct LogSum {
  bool is_big_endian = false;
  std::uint32_t first = 0;
  std::uint32_t second = 0;

  void add(const unsigned char* bytes, std::size_t size) {
    for (std::size_t i = 0; i < size; i += 8) {
      first += word_at(bytes + i) + second;
      second += word_at(bytes + i + 4) + first;
    }
  }
  bool stands_at(const unsigned char* bytes) const {
    return big_endian_at(bytes) == first && big_endian_at(bytes + 4) == second;
  }

 private:
  std::uint32_t word_at(const unsigned char* bytes) const {
    if (is_big_endian) return big_endian_at(bytes);
    return std::uint32_t{bytes[3]} << 24 | std::uint32_t{bytes[2]} << 16 | std::uint32_t{bytes[1]} << 8 | bytes[0];
  }
};

/// The log's index in shared memory; null when it cannot be had.
const unsigned char* index_of(sqlite3* db) {
  sqlite3_file* main = nullptr;
  volatile void* index = nullptr;
  const bool there =
      sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&main)) == SQLITE_OK && main &&
      main->pMethods && main->pMethods->iVersion >= 2 &&
      main->pMethods->xShmMap(main, 0, index_bytes, 0, &index) == SQLITE_OK;
  // Nobody changes it while a transaction that may write is open.
  return there ? const_cast<const unsigned char*>(static_cast<volatile unsigned char*>(index)) : nullptr;
}

std::uint32_t number_at(const unsigned char* index, std::size_t offset) {
  std::uint32_t number = 0;
  std::memcpy(&number, index + offset, sizeof number);
  return number;
}

// Of the numbers in the index: how many frames are committed, and how many of them are in the database.
constexpr std::size_t committed_at = 16;
constexpr std::size_t copied_at = 96;

/// Confirmed data is on disk, before the hole. The next start finds it there.
[[noreturn]] void end_process(const std::string& path) {
  std::fprintf(stderr,
               "packwalk ends: the disk failed to write %s-wal, and the data can no longer be read. No confirmed "
               "packet is lost. Check the disk, then start packwalk again.\n",
               path.c_str());
  std::_Exit(EXIT_FAILURE);
}

Errc errc_of(int code) {
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      // A key that is taken is expected; what a column refuses, no attempt will make it take.
      return code == SQLITE_CONSTRAINT_PRIMARYKEY || code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_ROWID
                 ? Errc::conflict
                 : Errc::invalid_input;
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
      return Errc::invalid_input;
    case SQLITE_ERROR:  // a statement that does not fit the schema
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Errc::broken;
    default:
      return Errc::unavailable;
  }
}

}  // namespace

void CloseDatabase::operator()(sqlite3* db) const { sqlite3_close(db); }

Failure failure_of(sqlite3* db) {
  return fail(errc_of(sqlite3_extended_errcode(db)), std::string("database: ") + sqlite3_errmsg(db));
}

bool is_io_failure(sqlite3* db) { return (sqlite3_errcode(db) & 0xff) == SQLITE_IOERR; }

std::shared_ptr<SqliteLog> SqliteLog::of(const std::string& path) {
  // One log per file and process.
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<SqliteLog>> logs;
  const std::lock_guard lock(mutex);
  std::erase_if(logs, [](const auto& each) { return each.second.expired(); });
  std::weak_ptr<SqliteLog>& known = logs[path];
  std::shared_ptr<SqliteLog> log = known.lock();
  if (!log) known = log = std::make_shared<SqliteLog>(path);
  return log;
}

Result<void> SqliteLog::mend(sqlite3* db) {
  if (sqlite3_exec(db, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) != SQLITE_OK) return failure_of(db);
  auto written = write_again(db);
  sqlite3_exec(db, "ROLLBACK", nullptr, nullptr, nullptr);
  if (written) is_hollow_ = false;
  return written;
}

/// Within a transaction that may write.
Result<void> SqliteLog::write_again(sqlite3* db) const {
  sqlite3_file* log = nullptr;
  const unsigned char* index = index_of(db);
  if (!index || sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&log)) != SQLITE_OK ||
      !log || !log->pMethods) {
    return fail(Errc::unavailable, "database: its log cannot be reached");
  }
  const std::uint32_t frames = number_at(index, committed_at);
  if (frames == 0) return {};
  const auto failed = [&](const char* what) {
    return fail(Errc::unavailable, "database: the log " + path_ + "-wal could not be " + what +
                                       " after a failure of the disk; no packets are accepted until it can");
  };
  std::vector<unsigned char> bytes(log_header_bytes);
  if (log->pMethods->xRead(log, bytes.data(), log_header_bytes, 0) != SQLITE_OK) return failed("read");
  LogSum sum{(big_endian_at(bytes.data()) & 1) != 0};
  sum.add(bytes.data(), 24);
  const std::size_t page_bytes = big_endian_at(bytes.data() + 8);
  if (!sum.stands_at(bytes.data() + 24) || page_bytes < 512 || page_bytes > 65536) end_process(path_);
  const std::vector<unsigned char> salts(bytes.begin() + 16, bytes.begin() + 24);
  if (log->pMethods->xWrite(log, bytes.data(), log_header_bytes, 0) != SQLITE_OK) return failed("written again");
  const std::size_t frame_bytes = frame_header_bytes + page_bytes;
  const auto frames_a_piece = static_cast<std::uint32_t>(piece_bytes / frame_bytes + 1);
  for (std::uint32_t first = 0; first < frames; first += frames_a_piece) {
    const std::size_t count = std::min(frames_a_piece, frames - first);
    const auto offset = static_cast<sqlite3_int64>(log_header_bytes + first * frame_bytes);
    bytes.resize(count * frame_bytes);
    const int size = static_cast<int>(bytes.size());
    if (log->pMethods->xRead(log, bytes.data(), size, offset) != SQLITE_OK) return failed("read");
    for (const unsigned char* frame = bytes.data(); frame != bytes.data() + bytes.size(); frame += frame_bytes) {
      sum.add(frame, 8);
      sum.add(frame + frame_header_bytes, page_bytes);
      if (!std::equal(salts.begin(), salts.end(), frame + 8) || !sum.stands_at(frame + 16)) end_process(path_);
    }
    if (log->pMethods->xWrite(log, bytes.data(), size, offset) != SQLITE_OK) return failed("written again");
  }
  if (log->pMethods->xSync(log, SQLITE_SYNC_NORMAL) != SQLITE_OK) return failed("flushed");
  return {};
}

bool SqliteLog::is_all_copied(sqlite3* db) {
  const unsigned char* index = index_of(db);
  return index && number_at(index, committed_at) == number_at(index, copied_at);
}

Result<SqliteLog::Copied> SqliteLog::copy_into_database(sqlite3* db) {
  if (!copier_) {
    sqlite3* raw = nullptr;
    const int opened = sqlite3_open_v2(path_.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    Database copier(raw);
    // Reading opens the log.
    if (opened != SQLITE_OK || sqlite3_exec(raw,
                                            "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA "
                                            "user_version",
                                            nullptr, nullptr, nullptr) != SQLITE_OK) {
      return failure_of(raw);
    }
    copier_ = std::move(copier);
  }
  if (const int begun = sqlite3_exec(db, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr); begun != SQLITE_OK) {
    if (begun == SQLITE_BUSY) return fail(Errc::overloaded, "database: another program writes");
    return failure_of(db);
  }
  Copied copied;
  const int done =
      sqlite3_wal_checkpoint_v2(copier_.get(), "main", SQLITE_CHECKPOINT_PASSIVE, &copied.frames, &copied.copied);
  const bool failed_io = done != SQLITE_OK && is_io_failure(copier_.get());
  if (failed_io) note_failure();  // before anybody else may write
  sqlite3_exec(db, "ROLLBACK", nullptr, nullptr, nullptr);
  if (done != SQLITE_OK) return failure_of(copier_.get());
  return copied;
}

}  // namespace packwalk::sql
