#include "adapters/sqlite/sqlite_wipe.h"

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "adapters/sqlite/lock_wait.h"
#include "adapters/sqlite/sqlite_log.h"

namespace packwalk::sql {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds readers_end_within{60};
constexpr std::int64_t pages_a_turn = 16'384;  // 64 MiB
constexpr std::chrono::milliseconds turn_pause_max{250};
constexpr std::int64_t pages_at_once = 8;  // SQLite reads and writes less than 128 KiB at once
constexpr std::int64_t pages_max = std::int64_t{1}
                                   << 24;  // above it a page of another kind may look like one of a tree

using Bytes = std::span<unsigned char>;

/// A number of two bytes.
std::size_t short_at(Bytes page, std::size_t at) { return static_cast<std::size_t>(page[at]) << 8 | page[at + 1]; }

/// Whether there was something in `unused`.
bool overwrite(Bytes unused) {
  if (std::all_of(unused.begin(), unused.end(), [](unsigned char byte) { return byte == 0; })) return false;
  std::fill(unused.begin(), unused.end(), static_cast<unsigned char>(0));
  return true;
}

/// A page of a tree (sqlite.org/fileformat2.html#b_tree_pages), of which `usable` bytes are used. Says whether it
/// changed; what does not look as it must is left alone.
bool overwrite_unused(Bytes page, std::size_t usable) {
  const unsigned char kind = page[0];
  const bool is_inner = kind == 2 || kind == 5;
  if (!is_inner && kind != 10 && kind != 13) return false;
  const std::size_t gap = (is_inner ? 12U : 8U) + 2 * short_at(page, 3);
  const std::size_t cells = short_at(page, 5) == 0 ? 65536 : short_at(page, 5);
  if (gap > cells || cells > usable) return false;
  bool changed = overwrite(page.subspan(gap, cells - gap));
  std::size_t before = 0;
  for (std::size_t block = short_at(page, 1); block > before && block >= cells && block + 4 <= usable;) {
    const std::size_t size = short_at(page, block + 2);
    if (size < 4 || block + size > usable) break;
    changed = overwrite(page.subspan(block + 4, size - 4)) || changed;
    before = block;
    block = short_at(page, block);
  }
  return changed;
}

class Wipe {
 public:
  Wipe(const std::string& path, WipedPages pages, Database db)
      : path_(path), pages_(pages), log_(SqliteLog::of(path)), db_(std::move(db)) {
    const auto count = [](void* self, sqlite3*, const char*, int frames) {
      static_cast<Wipe*>(self)->frames_ = frames;
      return SQLITE_OK;
    };
    sqlite3_wal_hook(db_.get(), count, this);
  }

  Result<void> run() {
    auto deadline = Clock::now() + readers_end_within;
    while (true) {
      const auto started = Clock::now();
      const std::int64_t before = next_page_;
      const auto done = turn();
      if (!done) return done.failure();
      if (*done) return {};
      if (next_page_ > before) deadline = Clock::now() + readers_end_within;
      if (Clock::now() > deadline) {
        return fail(Errc::unavailable, "a program has been reading for a minute, so erased data remains in " + path_ +
                                           "-wal. End that program, and run this again");
      }
      std::this_thread::sleep_for(
          std::clamp<Clock::duration>(Clock::now() - started, std::chrono::milliseconds(2), turn_pause_max));
    }
  }

 private:
  /// One step while nobody else writes. Whether all is done: every page was looked through, and afterwards the log was
  /// begun anew and cut back.
  Result<bool> turn() {
    if (!log_->turns().take(lock_patience, WriterTurns::Waiting::in_line)) return false;
    const auto end = [](SqliteLog* log) { log->turns().end(); };
    const std::unique_ptr<SqliteLog, decltype(end)> turn(log_.get(), end);
    if (log_->is_hollow()) {
      if (auto mended = log_->mend(db_.get()); !mended) return mended.failure();
    }
    const auto copied = log_->copy_into_database(db_.get());
    if (!copied && copied.error().code != Errc::overloaded) return copied.failure();
    if (!copied || !copied->all()) return false;
    auto done = run("BEGIN IMMEDIATE");
    // Somebody may have written since.
    const bool all_copied = done && SqliteLog::is_all_copied(db_.get());
    if (all_copied && last_page_ == 0) last_page_ = page_count();
    const bool looked_through = next_page_ > last_page_;
    if (all_copied && !looked_through) done = wipe_pages();
    // A page that is written for nothing begins the log anew, if nobody reads in it, and lets others read pages again
    // that they know.
    if (done) done = run("PRAGMA user_version");
    if (done && all_copied)
      done = run(("PRAGMA user_version = " + std::to_string(number("PRAGMA user_version"))).c_str());
    if (done) done = run(all_copied ? "COMMIT" : "ROLLBACK");
    if (!done) {
      if (is_io_failure(db_.get())) log_->note_failure();
      if (sqlite3_get_autocommit(db_.get()) == 0) sqlite3_exec(db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
      return done.failure();
    }
    return all_copied && looked_through && log_holds_only_the_last_commits();
  }

  Result<void> wipe_pages() {
    sqlite3_file* file = nullptr;
    sqlite3_file_control(db_.get(), "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file));
    const std::int64_t last = std::min(last_page_, next_page_ + pages_a_turn - 1);
    const std::int64_t size = number("PRAGMA page_size");
    std::vector<unsigned char> bytes(static_cast<std::size_t>(size));
    const auto failed = [&](const char* what) {
      return fail(Errc::unavailable, path_ + " could not be " + what + " to overwrite erased data");
    };
    if (file->pMethods->xRead(file, bytes.data(), static_cast<int>(size), 0) != SQLITE_OK) return failed("read");
    const auto usable = static_cast<std::size_t>(size) - bytes[20];
    // A database that vacuums by itself, as none of ours, has pages of another kind that look the same.
    const bool has_other_pages =
        std::any_of(bytes.begin() + 52, bytes.begin() + 56, [](auto byte) { return byte != 0; });
    if (has_other_pages || last >= pages_max)
      return fail(Errc::unavailable, path_ + " is too large to be wiped. Run VACUUM on it");
    for (std::int64_t page = next_page_; page <= last; page += pages_at_once) {
      const std::int64_t count = std::min(pages_at_once, last - page + 1);
      bytes.resize(static_cast<std::size_t>(count * size));
      const sqlite3_int64 offset = (page - 1) * size;
      if (file->pMethods->xRead(file, bytes.data(), static_cast<int>(bytes.size()), offset) != SQLITE_OK) {
        return failed("read");
      }
      for (std::int64_t i = 0; i < count; ++i) {
        const auto each = Bytes(bytes).subspan(static_cast<std::size_t>(i * size), static_cast<std::size_t>(size));
        if (!overwrite_unused(each, usable) && pages_ == WipedPages::with_remains) continue;
        if (file->pMethods->xWrite(file, each.data(), static_cast<int>(size), offset + i * size) != SQLITE_OK) {
          return failed("written");
        }
      }
    }
    if (file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) != SQLITE_OK) return failed("flushed");
    next_page_ = last + 1;
    return {};
  }

  /// After a commit: that the log ends with what was committed since it was begun anew.
  bool log_holds_only_the_last_commits() {
    sqlite3_file* file = nullptr;
    sqlite3_file_control(db_.get(), "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&file));
    sqlite3_int64 bytes = 0;
    if (!file || !file->pMethods || file->pMethods->xFileSize(file, &bytes) != SQLITE_OK) return false;
    return frames_ == 1 && bytes == std::int64_t{log_header_bytes + frame_header_bytes} + number("PRAGMA page_size");
  }

  std::int64_t page_count() { return number("PRAGMA page_count"); }

  std::int64_t number(const char* pragma) {
    std::int64_t found = 0;
    const auto take = [](void* into, int, char** values, char**) {
      *static_cast<std::int64_t*>(into) = std::strtoll(values[0], nullptr, 10);
      return 0;
    };
    sqlite3_exec(db_.get(), pragma, take, &found, nullptr);
    return found;
  }

  Result<void> run(const char* text) {
    if (sqlite3_exec(db_.get(), text, nullptr, nullptr, nullptr) != SQLITE_OK) return failure_of(db_.get());
    return {};
  }

  const std::string path_;
  const WipedPages pages_;
  const std::shared_ptr<SqliteLog> log_;
  const Database db_;
  std::int64_t next_page_ = 2;  // the first has nothing but the schema
  std::int64_t last_page_ = 0;  // 0: not known yet; what is added later never had what was deleted
  int frames_ = 0;              // of the log, after the last commit
};

}  // namespace

Result<void> wipe_deleted(const std::string& path, WipedPages pages) {
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  Database db(raw);
  wait_for_locks(raw);
  // The limit: a log that is begun anew is cut back to what is in it.
  constexpr const char* settings =
      "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 0; PRAGMA user_version";
  if (opened != SQLITE_OK || sqlite3_exec(raw, settings, nullptr, nullptr, nullptr) != SQLITE_OK)
    return failure_of(raw);
  return Wipe(path, pages, std::move(db)).run();
}

}  // namespace packwalk::sql
