// A named pool of threads for work that blocks, with a queue of jobs.
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

/// The caller of a job, and its deadline.
struct Asker {
  std::string caller{};  // callers take turns, and none occupies all threads
  std::stop_token gone{};
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  std::string request_id{};  // of its request, for the log
};

/// How a job ended. late: its deadline passed. gone: its caller disconnected while it ran. dropped: its caller
/// disconnected before it began. refused: too many jobs waited. failed: it threw.
enum class JobEnd { answered, late, gone, dropped, refused, failed };
inline constexpr std::size_t job_end_count = 6;
std::string_view name_of(JobEnd end);

/// An exception of a job.
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
  std::size_t jobs_max = 1;      // jobs that run or wait
  std::size_t jobs_each = 1;     // jobs of one caller that run or wait
};

/// Callers with waiting jobs take turns. A job runs under the limits of its caller (base/work_limits.h). An exception
/// of a job is reported and ends only this job. Without memory for a job, the pool refuses it. Thread-safe.
class JobPool {
 public:
  using Work = std::function<JobEnd(LimitedWork&)>;
  using Unanswered = std::function<void(JobEnd)>;

  JobPool(const JobPoolOptions& options, ReportJobFault report);
  JobPool(const JobPool&) = delete;
  JobPool& operator=(const JobPool&) = delete;
  ~JobPool();

  /// Runs `work`, which returns how it ended: answered, late or gone. Otherwise calls `unanswered` with late, gone,
  /// dropped or failed. Returns false immediately if too many wait.
  bool add(Asker asker, Work work, Unanswered unanswered);

  /// Jobs that run or wait.
  std::size_t jobs() const;
  /// Jobs so far, by JobEnd.
  std::uint64_t ends(JobEnd end) const { return ends_[static_cast<std::size_t>(end)]; }

  /// Waits for the running jobs.
  void join();

 private:
  using Clock = std::chrono::steady_clock;
  struct Job {
    Asker asker;
    Work work;
    Unanswered unanswered;

    /// The reason not to start the job.
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
  Callers callers_;  // guarded by mutex_, like all below; the callers with a job
  Turns turns_;      // the callers with a waiting job; the first one is next
  std::size_t jobs_ = 0;
  bool closed_ = false;
  std::vector<std::thread> threads_;  // used only by the owner's thread
  std::mutex pause_mutex_;
  std::condition_variable_any pause_;  // between two sweeps
  std::jthread sweeper_;               // answers overdue jobs even if all threads hang
};

}  // namespace packwalk
