// One writer of a process at a time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>

namespace packwalk::sql {

/// Writers get turns in the order of their requests. Thread-safe.
class WriterTurns {
 public:
  /// A writer that gives way takes a free turn immediately. Otherwise it retries after growing pauses, 127 ms in all,
  /// and then queues. So a writer that always has work keeps most turns, but not all.
  enum class Waiting { in_line, gives_way };

  /// False: the writer queued for `patience` without getting a turn.
  bool take(std::chrono::milliseconds patience, Waiting waiting);
  void end();

  /// The number of queued writers.
  std::size_t in_line() const;

 private:
  bool take_between_others();
  bool take_free();

  mutable std::mutex mutex_;
  std::condition_variable ended_;
  bool taken_ = false;  // guarded by mutex_, as is all below
  std::uint64_t last_ticket_ = 0;
  std::deque<std::uint64_t> line_;  // tickets of the writers that wait, the first in front
};

}  // namespace packwalk::sql
