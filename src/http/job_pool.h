// Threads under a name for work that blocks, and the jobs that wait for them.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/work_limits.h"

namespace packwalk {

/// Who waits for a job, and how long.
struct Asker {
  std::string caller{};  // callers take turns, and none has all threads
  std::stop_token gone{};
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  std::string request_id{};  // of the request that it is a part of, for the log
};

/// How a job ended. late: its time was over; gone: its caller was; dropped: its caller was before it began; refused:
/// too many waited; failed: it threw.
enum class JobEnd { answered, late, gone, dropped, refused, failed };
inline constexpr std::size_t job_end_count = 6;
std::string_view name_of(JobEnd end);

/// What a job threw.
struct JobFault {
  std::string_view pool;
  std::string_view request_id;
  std::string_view what;
};
using ReportJobFault = std::function<void(const JobFault&)>;  // any thread

struct JobPoolOptions {
  std::string_view name;  // a literal
  std::size_t threads = 1;
  std::size_t running_each = 1;  // jobs of one caller that run at once
  std::size_t jobs_max = 1;      // that run or wait
  std::size_t jobs_each = 1;     // of one caller
};

/// The callers that have a job waiting take turns. A job runs under the limits of its asker (base/work_limits.h).
/// Whatever a job or what it calls throws is reported, and ends nothing but this job; without memory for a job there is
/// no room for it. Thread-safe.
class JobPool {
 public:
  using Work = std::function<JobEnd(LimitedWork&)>;
  using Unanswered = std::function<void(JobEnd)>;

  JobPool(const JobPoolOptions& options, ReportJobFault report);
  JobPool(const JobPool&) = delete;
  JobPool& operator=(const JobPool&) = delete;
  ~JobPool();

  /// Runs `work`, which says how it ended: answered, late or gone. Else calls `unanswered`: late, gone, dropped or
  /// failed. False, at once, when too many wait.
  bool add(Asker asker, Work work, Unanswered unanswered);

  /// Those that run or wait.
  std::size_t jobs() const;
  /// So far, by JobEnd.
  std::uint64_t ends(JobEnd end) const { return ends_[static_cast<std::size_t>(end)]; }

  /// Waits for the jobs under way.
  void join();

 private:
  using Clock = std::chrono::steady_clock;
  struct Job {
    Asker asker;
    Work work;
    Unanswered unanswered;

    /// Why it need not begin any more.
    std::optional<JobEnd> over(Clock::time_point now) const;
  };
  using Jobs = std::list<Job>;
  struct Caller {
    Jobs waiting;
    std::size_t running = 0;

    std::size_t jobs() const { return waiting.size() + running; }
  };
  using Callers = std::unordered_map<std::string, Caller>;
  using Turns = std::list<Callers::value_type*>;

  bool add(Jobs& one, Turns& turn, Jobs& over);
  bool has_room_for(const std::string& name) const;
  void run();
  Turns::iterator next();
  Jobs take_from(Turns::iterator turn);
  JobEnd end_of(const Job& job) const;
  JobEnd fail(const Job& job, std::string_view what) const noexcept;
  void forget_if_idle(Callers::value_type& caller);
  void take_over(Jobs& over);
  void drop(const Jobs& over);
  void count(JobEnd end) { ++ends_[static_cast<std::size_t>(end)]; }
  void sweep(const std::stop_token& stop);

  const JobPoolOptions options_;
  const ReportJobFault report_;
  std::array<std::atomic<std::uint64_t>, job_end_count> ends_{};
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Callers callers_;  // guarded by mutex_, like all below; those that have a job
  Turns turns_;      // those of them that have one waiting; the first is next
  std::size_t jobs_ = 0;
  bool closed_ = false;
  std::vector<std::thread> threads_;  // of whoever makes and joins it
  std::mutex pause_mutex_;
  std::condition_variable_any pause_;  // between two sweeps
  std::jthread sweeper_;               // answers those that waited too long even when all threads stand still
};

}  // namespace packwalk
