// The only door from request handlers to code that blocks (the store).
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "base/work_limits.h"

namespace packwalk {

/// Who waits for a job, and how long.
struct Asker {
  std::string caller{};  // callers take turns, and none takes the places of all
  std::stop_token gone{};
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

/// How a job ended. late: its time was over; gone: its caller was; dropped: its caller was before it began; refused: it
/// found no place; failed: it threw.
enum class JobEnd { answered, late, gone, dropped, refused, failed };
inline constexpr std::size_t job_end_count = 6;
std::string_view name_of(JobEnd end);

/// Look-ups, which doors wait for, never wait behind questions. Of the questions of one caller at most `query_threads`
/// run at once, while one thread more is there: so one caller never has all of them; and he has at most half of the
/// places. A job runs under the limits of its asker (base/work_limits.h). Whatever a job or what it calls throws ends
/// nothing but this job; where there is no memory for one, there is no place for it. Thread-safe.
class BlockingPool {
 public:
  /// `queries_max`: questions that run or wait at once.
  BlockingPool(std::size_t query_threads, std::size_t queries_max);
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;
  ~BlockingPool();

  /// Runs a short look-up on the thread that is kept for them, and `failed` when it threw, or when its asker was gone
  /// or its time over before it began. False, at once, when too many wait. A look-up has ten seconds unless its asker
  /// has less.
  bool run(std::function<void()> work, std::function<void()> failed, Asker asker = {});

  /// Runs a question, or tells `unanswered` why it does not: late, gone or failed. False, at once, when too many wait.
  /// `work` gets the limits under which it runs, and tells how it ended: answered, late or gone.
  bool ask(Asker asker, std::function<JobEnd(LimitedWork&)> work, std::function<void(JobEnd)> unanswered);

  /// Questions and look-ups that run or wait.
  std::size_t jobs() const;
  /// Questions so far, by JobEnd.
  std::array<std::uint64_t, job_end_count> ends() const;

  /// Waits for the jobs under way.
  void join();

 private:
  class Lane;
  void sweep(const std::stop_token& stop);

  const std::unique_ptr<Lane> look_ups_;
  const std::unique_ptr<Lane> questions_;
  std::mutex pause_mutex_;
  std::condition_variable_any pause_;  // between two sweeps
  std::jthread sweeper_;               // answers those that waited too long even when all threads stand still
};

}  // namespace packwalk
