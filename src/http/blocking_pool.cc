#include "http/blocking_pool.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace packwalk {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t look_ups_max = 4096;
constexpr std::chrono::seconds look_up_seconds{10};
constexpr std::chrono::seconds sweep_interval{1};

struct Job {
  Asker asker;
  std::function<JobEnd(LimitedWork&)> work;
  std::function<void(JobEnd)> unanswered;

  /// Why it need not begin any more.
  std::optional<JobEnd> over(Clock::time_point now) const {
    if (asker.gone.stop_requested()) return JobEnd::dropped;
    if (now >= asker.deadline) return JobEnd::late;
    return std::nullopt;
  }
};

}  // namespace

std::string_view name_of(JobEnd end) {
  constexpr std::array<std::string_view, job_end_count> names = {"answered", "late",    "gone",
                                                                 "dropped",  "refused", "failed"};
  return names[static_cast<std::size_t>(end)];
}

/// Threads, and the jobs that wait for them.
class BlockingPool::Lane {
 public:
  struct Limits {
    std::size_t threads;
    std::size_t running_each;  // of one caller
    std::size_t places;        // running or waiting
    std::size_t places_each;   // of one caller
  };

  explicit Lane(const Limits& limits) : limits_(limits) {
    for (std::size_t i = 0; i < limits.threads; ++i) threads_.emplace_back([this] { run(); });
  }

  bool add(Job job) {
    std::vector<Job> over;
    const bool added = add(job, over);
    if (!added) count(JobEnd::refused);
    drop(over);
    return added;
  }

  /// Those that nobody waits for any more, and those that waited too long.
  void sweep() {
    std::vector<Job> over;
    {
      const std::lock_guard lock(mutex_);
      take_over(over);
    }
    drop(over);
  }

  std::size_t jobs() const {
    const std::lock_guard lock(mutex_);
    return jobs_;
  }
  std::uint64_t ends(JobEnd end) const { return ends_[static_cast<std::size_t>(end)]; }

  void join() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  struct Caller {
    std::deque<Job> waiting;
    std::size_t running = 0;

    std::size_t jobs() const { return waiting.size() + running; }
  };
  using Callers = std::unordered_map<std::string, Caller>;

  bool add(Job& job, std::vector<Job>& over) {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    if (!has_place_for(job.asker.caller)) take_over(over);
    if (!has_place_for(job.asker.caller)) return false;
    const auto [name_and_caller, is_new] = callers_.try_emplace(job.asker.caller);
    Caller& caller = name_and_caller->second;
    if (caller.waiting.empty()) turns_.push_back(&*name_and_caller);
    caller.waiting.push_back(std::move(job));
    ++jobs_;
    changed_.notify_one();
    return true;
  }

  bool has_place_for(const std::string& name) const {
    if (jobs_ >= limits_.places) return false;
    const auto caller = callers_.find(name);
    return caller == callers_.end() || caller->second.jobs() < limits_.places_each;
  }

  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      Callers::value_type* caller = nullptr;
      changed_.wait(lock, [&] { return (caller = next()) != nullptr || (closed_ && turns_.empty()); });
      if (!caller) return;
      {
        const Job job = take_from(*caller);
        ++caller->second.running;
        lock.unlock();
        count(end_of(job));
      }  // what it holds goes while nobody waits for the lock
      lock.lock();
      --caller->second.running;
      --jobs_;
      forget_if_idle(*caller);
      if (closed_) changed_.notify_all();  // else this thread takes what may run now
    }
  }

  /// Whose turn it is.
  Callers::value_type* next() {
    const auto turn = std::find_if(turns_.begin(), turns_.end(), [this](const Callers::value_type* each) {
      return each->second.running < limits_.running_each;
    });
    return turn == turns_.end() ? nullptr : *turn;
  }

  Job take_from(Callers::value_type& caller) {
    Job job = std::move(caller.second.waiting.front());
    caller.second.waiting.pop_front();
    turns_.remove(&caller);
    if (!caller.second.waiting.empty()) turns_.push_back(&caller);
    return job;
  }

  static JobEnd end_of(const Job& job) {
    if (const auto over = job.over(Clock::now())) {
      job.unanswered(*over);
      return *over;
    }
    try {
      LimitedWork limited({job.asker.deadline, job.asker.gone});
      return job.work(limited);
    } catch (const std::exception&) {
      job.unanswered(JobEnd::failed);
      return JobEnd::failed;
    }
  }

  void forget_if_idle(Callers::value_type& caller) {
    if (caller.second.jobs() == 0) callers_.erase(callers_.find(caller.first));
  }

  void take_over(std::vector<Job>& over) {
    const auto now = Clock::now();
    for (auto turn = turns_.begin(); turn != turns_.end();) {
      Callers::value_type& caller = **turn;
      std::deque<Job> kept;
      for (Job& job : caller.second.waiting) {
        if (job.over(now)) {
          over.push_back(std::move(job));
          --jobs_;
        } else {
          kept.push_back(std::move(job));
        }
      }
      caller.second.waiting.swap(kept);
      turn = caller.second.waiting.empty() ? turns_.erase(turn) : std::next(turn);
      forget_if_idle(caller);
    }
    if (closed_) changed_.notify_all();
  }

  void drop(const std::vector<Job>& over) {
    for (const Job& job : over) {
      const JobEnd end = job.over(Clock::now()).value_or(JobEnd::late);
      job.unanswered(end);
      count(end);
    }
  }

  void count(JobEnd end) { ++ends_[static_cast<std::size_t>(end)]; }

  const Limits limits_;
  std::array<std::atomic<std::uint64_t>, job_end_count> ends_{};
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Callers callers_;                        // guarded by mutex_, like all below; those that have a job
  std::list<Callers::value_type*> turns_;  // those of them that have one waiting; the first is next
  std::size_t jobs_ = 0;
  bool closed_ = false;
  std::vector<std::thread> threads_;  // of whoever makes and joins it; last: they use all of it
};

BlockingPool::BlockingPool(std::size_t query_threads, std::size_t queries_max)
    : look_ups_(std::make_unique<Lane>(Lane::Limits{1, 1, look_ups_max, look_ups_max / 2})),
      questions_(
          std::make_unique<Lane>(Lane::Limits{query_threads + 1, query_threads, queries_max, (queries_max + 1) / 2})),
      sweeper_([this](const std::stop_token& stop) { sweep(stop); }) {}

BlockingPool::~BlockingPool() { join(); }

bool BlockingPool::run(std::function<void()> work, std::function<void()> failed, Asker asker) {
  asker.deadline = std::min(asker.deadline, Clock::now() + look_up_seconds);
  const auto answered = [work = std::move(work)](LimitedWork&) {
    work();
    return JobEnd::answered;
  };
  return look_ups_->add({std::move(asker), answered, [failed = std::move(failed)](JobEnd) { failed(); }});
}

bool BlockingPool::ask(Asker asker, std::function<JobEnd(LimitedWork&)> work, std::function<void(JobEnd)> unanswered) {
  return questions_->add({std::move(asker), std::move(work), std::move(unanswered)});
}

std::size_t BlockingPool::jobs() const { return look_ups_->jobs() + questions_->jobs(); }

std::array<std::uint64_t, job_end_count> BlockingPool::ends() const {
  std::array<std::uint64_t, job_end_count> ends{};
  for (std::size_t i = 0; i < job_end_count; ++i) ends[i] = questions_->ends(static_cast<JobEnd>(i));
  return ends;
}

void BlockingPool::join() {
  look_ups_->join();
  questions_->join();
  sweeper_ = {};
}

void BlockingPool::sweep(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  while (!stopped.wait_for(lock, stop, sweep_interval, [&] { return stop.stop_requested(); })) {
    look_ups_->sweep();
    questions_->sweep();
  }
}

}  // namespace packwalk
