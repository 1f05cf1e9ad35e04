// The only door from request handlers to code that blocks (the store).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "http/job_pool.h"

namespace packwalk {

/// Look-ups, which doors wait for, never wait behind questions. Of the questions of one caller at most `query_threads`
/// run at once, while one thread more is there: so one caller never has all of them; and one has at most half of the
/// room to wait. Thread-safe.
class BlockingPool {
 public:
  /// `queries_max`: questions that run or wait at once. `report` is told what jobs throw.
  BlockingPool(
      std::size_t query_threads, std::size_t queries_max, const ReportJobFault& report = [](const JobFault&) {});

  /// Runs a short look-up on the thread that is kept for them, and `failed` when it threw, or when its asker was gone
  /// or its time over before it began. False, at once, when too many wait. A look-up has ten seconds unless its asker
  /// has less.
  bool run(std::function<void()> work, std::function<void()> failed, Asker asker = {});

  /// Runs a question, or tells `unanswered` why it does not: late, gone or failed. False, at once, when too many wait.
  /// `work` gets the limits under which it runs, and tells how it ended: answered, late or gone.
  bool ask(Asker asker, JobPool::Work work, JobPool::Unanswered unanswered);

  /// Questions and look-ups that run or wait.
  std::size_t jobs() const { return look_ups_.jobs() + questions_.jobs(); }
  /// Questions so far, by JobEnd.
  std::array<std::uint64_t, job_end_count> ends() const;

  /// Waits for the jobs under way.
  void join();

 private:
  JobPool look_ups_;
  JobPool questions_;
};

}  // namespace packwalk
