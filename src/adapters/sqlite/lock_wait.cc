#include "adapters/sqlite/lock_wait.h"

namespace packwalk::sql {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int pause_ms = 1;

/// When the wait of this thread began. A connection waits on one thread, for one lock at a time.
thread_local Clock::time_point began;

/// SQLite calls this while a lock is busy, with the number of earlier calls for the same lock. Zero ends the wait.
int ask_again(void* patience, int asked) {
  if (asked == 0) began = Clock::now();
  if (Clock::now() - began >= *static_cast<const std::chrono::milliseconds*>(patience)) return 0;
  sqlite3_sleep(pause_ms);
  return 1;
}

}  // namespace

void wait_for_locks(sqlite3* db) { wait_for_locks(db, lock_patience); }

void wait_for_locks(sqlite3* db, const std::chrono::milliseconds& patience) {
  sqlite3_busy_handler(db, ask_again, const_cast<std::chrono::milliseconds*>(&patience));
}

}  // namespace packwalk::sql
