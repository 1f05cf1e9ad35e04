#include "http/blocking_pool.h"

#include <algorithm>
#include <atomic>
#include <list>
#include <new>
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

  /// Whatever a job needs is allocated here, so that nothing after it can fail.
  bool add(Job job) {
    Jobs over;
    bool added = false;
    try {
      Jobs one;
      one.push_back(std::move(job));
      Turns turn(1);
      added = add(one, turn, over);
    } catch (const std::bad_alloc&) {
      added = false;
    }
    if (!added) count(JobEnd::refused);
    drop(over);
    return added;
  }

  /// Those that nobody waits for any more, and those that waited too long.
  void sweep() {
    Jobs over;
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
  using Jobs = std::list<Job>;
  struct Caller {
    Jobs waiting;
    std::size_t running = 0;

    std::size_t jobs() const { return waiting.size() + running; }
  };
  using Callers = std::unordered_map<std::string, Caller>;
  using Turns = std::list<Callers::value_type*>;

  /// `one` job and the place for a `turn` are moved, unless it returns false or throws.
  bool add(Jobs& one, Turns& turn, Jobs& over) {
    const std::string& name = one.front().asker.caller;
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    if (!has_place_for(name)) take_over(over);
    if (!has_place_for(name)) return false;
    const auto [name_and_caller, is_new] = callers_.try_emplace(name);
    Caller& caller = name_and_caller->second;
    if (caller.waiting.empty()) {
      turn.front() = &*name_and_caller;
      turns_.splice(turns_.end(), turn);
    }
    caller.waiting.splice(caller.waiting.end(), one);
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
      auto turn = turns_.end();
      changed_.wait(lock, [&] { return (turn = next()) != turns_.end() || (closed_ && turns_.empty()); });
      if (turn == turns_.end()) return;
      Callers::value_type& caller = **turn;
      {
        const Jobs one = take_from(turn);
        ++caller.second.running;
        lock.unlock();
        count(end_of(one.front()));
      }  // what it holds goes while nobody waits for the lock
      lock.lock();
      --caller.second.running;
      --jobs_;
      forget_if_idle(caller);
      if (closed_) changed_.notify_all();  // else this thread takes what may run now
    }
  }

  /// Whose turn it is.
  Turns::iterator next() {
    return std::find_if(turns_.begin(), turns_.end(), [this](const Callers::value_type* each) {
      return each->second.running < limits_.running_each;
    });
  }

  /// One job of the caller whose turn it is, who then is the last to have one again.
  Jobs take_from(Turns::iterator turn) {
    Jobs& waiting = (*turn)->second.waiting;
    Jobs one;
    one.splice(one.end(), waiting, waiting.begin());
    if (waiting.empty()) {
      turns_.erase(turn);
    } else {
      turns_.splice(turns_.end(), turns_, turn);
    }
    return one;
  }

  static JobEnd end_of(const Job& job) {
    if (const auto over = job.over(Clock::now())) {
      tell(job, *over);
      return *over;
    }
    try {
      LimitedWork limited({job.asker.deadline, job.asker.gone});
      return job.work(limited);
    } catch (...) {
      tell(job, JobEnd::failed);
      return JobEnd::failed;
    }
  }

  /// An exception here would end the process.
  static void tell(const Job& job, JobEnd end) noexcept {
    try {
      job.unanswered(end);
    } catch (...) {  // NOLINT(bugprone-empty-catch): there is no memory to say so
    }
  }

  void forget_if_idle(Callers::value_type& caller) {
    if (caller.second.jobs() == 0) callers_.erase(callers_.find(caller.first));
  }

  void take_over(Jobs& over) {
    const auto now = Clock::now();
    for (auto turn = turns_.begin(); turn != turns_.end();) {
      Callers::value_type& caller = **turn;
      Jobs& waiting = caller.second.waiting;
      for (auto job = waiting.begin(); job != waiting.end();) {
        const auto each = job++;
        if (!each->over(now)) continue;
        over.splice(over.end(), waiting, each);
        --jobs_;
      }
      turn = waiting.empty() ? turns_.erase(turn) : std::next(turn);
      forget_if_idle(caller);
    }
    if (closed_) changed_.notify_all();
  }

  void drop(const Jobs& over) {
    for (const Job& job : over) {
      const JobEnd end = job.over(Clock::now()).value_or(JobEnd::late);
      tell(job, end);
      count(end);
    }
  }

  void count(JobEnd end) { ++ends_[static_cast<std::size_t>(end)]; }

  const Limits limits_;
  std::array<std::atomic<std::uint64_t>, job_end_count> ends_{};
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Callers callers_;  // guarded by mutex_, like all below; those that have a job
  Turns turns_;      // those of them that have one waiting; the first is next
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
  std::unique_lock lock(pause_mutex_);
  while (!pause_.wait_for(lock, stop, sweep_interval, [&] { return stop.stop_requested(); })) {
    look_ups_->sweep();
    questions_->sweep();
  }
}

}  // namespace packwalk
