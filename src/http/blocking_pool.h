// The only way from request handlers to code that blocks (the store).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "http/job_pool.h"

namespace packwalk {

/// Look-ups, for which doors wait, never wait behind queries. At most `query_threads` queries of one caller run at
/// once, and the pool has one thread more, so one caller never occupies all threads. One caller gets at most half of
/// the waiting room. Thread-safe.
class BlockingPool {
 public:
  /// `queries_max` bounds the queries that run or wait. `report` receives exceptions of jobs.
  BlockingPool(
      std::size_t query_threads, std::size_t queries_max, const ReportJobFault& report = [](const JobFault&) {});

  /// Runs a short look-up on the thread that is reserved for look-ups. Calls `failed` if it throws, or if its caller
  /// was gone or its deadline had passed before it began. Returns false immediately if too many wait. A look-up has ten
  /// seconds, or less if its caller has less.
  bool run(std::function<void()> work, std::function<void()> failed, Asker asker = {});

  /// Runs a query, or calls `unanswered` with the cause: late, gone or failed. Returns false immediately if too many
  /// wait. `work` gets its limits, and returns how it ended: answered, late or gone.
  bool ask(Asker asker, JobPool::Work work, JobPool::Unanswered unanswered);

  /// Queries and look-ups that run or wait.
  std::size_t jobs() const { return look_ups_.jobs() + questions_.jobs(); }
  /// Queries so far, by JobEnd.
  std::array<std::uint64_t, job_end_count> ends() const;

  /// Waits for the running jobs.
  void join();

 private:
  JobPool look_ups_;
  JobPool questions_;
};

}  // namespace packwalk
