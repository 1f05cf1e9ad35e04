// How a connection waits for a lock that another program holds.
#pragma once

#include <sqlite3.h>

#include <chrono>

namespace packwalk::sql {

/// How long a connection waits for another program, `packwalk device add` beside the server say.
inline constexpr std::chrono::milliseconds lock_patience{10'000};

/// From now on, `db` asks for a busy lock every millisecond until it gets it or `lock_patience` has passed. SQLite's
/// own wait (sqlite3_busy_timeout) asks every 100 ms in the end. A busy server leaves the lock free for less than that
/// between two commits, so that another program could miss each gap for seconds.
void wait_for_locks(sqlite3* db);

/// The same with another patience, which lives as long as `db`.
void wait_for_locks(sqlite3* db, const std::chrono::milliseconds& patience);

}  // namespace packwalk::sql
