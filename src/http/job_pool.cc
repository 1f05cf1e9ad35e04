#include "http/job_pool.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <new>
#include <utility>

namespace packwalk {
namespace {

constexpr std::chrono::seconds sweep_interval{1};

/// Must not throw: an exception here would end the process.
template <class Call>
void call_guarded(Call call) noexcept {
  try {
    call();
  } catch (...) {  // NOLINT(bugprone-empty-catch): no memory to report it
  }
}

}  // namespace

std::string_view name_of(JobEnd end) {
  constexpr std::array<std::string_view, job_end_count> names = {"answered", "late",    "gone",
                                                                 "dropped",  "refused", "failed"};
  return names[static_cast<std::size_t>(end)];
}

std::optional<JobEnd> JobPool::Job::over(Clock::time_point now) const {
  if (asker.gone.stop_requested()) return JobEnd::dropped;
  if (now >= asker.deadline) return JobEnd::late;
  return std::nullopt;
}

JobPool::JobPool(const JobPoolOptions& options, ReportJobFault report)
    : options_(options), report_(std::move(report)), sweeper_([this](const std::stop_token& stop) { sweep(stop); }) {
  for (std::size_t i = 0; i < options.threads; ++i) threads_.emplace_back([this] { run(); });
}

JobPool::~JobPool() { join(); }

/// Allocates everything that the job needs, so that no later step can fail.
bool JobPool::add(Asker asker, Work work, Unanswered unanswered) {
  Jobs over;
  bool added = false;
  try {
    Jobs one;
    one.push_back({std::move(asker), std::move(work), std::move(unanswered)});
    Turns turn(1);
    added = add(one, turn, over);
  } catch (const std::bad_alloc&) {
    added = false;
  }
  if (!added) count(JobEnd::refused);
  drop(over);
  return added;
}

/// Moves `one` job and the space for a `turn`, unless it returns false or throws.
bool JobPool::add(Jobs& one, Turns& turn, Jobs& over) {
  const std::string& name = one.front().asker.caller;
  const std::lock_guard lock(mutex_);
  if (closed_) return false;
  if (!has_room_for(name)) take_over(over);
  if (!has_room_for(name)) return false;
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

bool JobPool::has_room_for(const std::string& name) const {
  if (jobs_ >= options_.jobs_max) return false;
  const auto caller = callers_.find(name);
  return caller == callers_.end() || caller->second.jobs() < options_.jobs_each;
}

std::size_t JobPool::jobs() const {
  const std::lock_guard lock(mutex_);
  return jobs_;
}

void JobPool::join() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  sweeper_ = {};
}

void JobPool::run() {
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
    }  // destroyed outside of the lock
    lock.lock();
    --caller.second.running;
    --jobs_;
    forget_if_idle(caller);
    if (closed_) changed_.notify_all();  // otherwise this thread takes the job itself
  }
}

/// The caller whose turn it is.
JobPool::Turns::iterator JobPool::next() {
  return std::find_if(turns_.begin(), turns_.end(),
                      [this](const Callers::value_type* each) { return each->second.running < options_.running_each; });
}

/// Takes one job of the caller whose turn it is, and moves the caller to the end of the queue.
JobPool::Jobs JobPool::take_from(Turns::iterator turn) {
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

JobEnd JobPool::end_of(const Job& job) const {
  if (const auto over = job.over(Clock::now())) {
    call_guarded([&] { job.unanswered(*over); });
    return *over;
  }
  try {
    LimitedWork limited({job.asker.deadline, job.asker.gone});
    return job.work(limited);
  } catch (const std::exception& error) {
    return fail(job, error.what());
  } catch (...) {
    return fail(job, "an object was thrown that is not an exception");
  }
}

JobEnd JobPool::fail(const Job& job, std::string_view what) const noexcept {
  call_guarded([&] { report_({options_.name, job.asker.request_id, what}); });
  call_guarded([&] { job.unanswered(JobEnd::failed); });
  return JobEnd::failed;
}

void JobPool::forget_if_idle(Callers::value_type& caller) {
  if (caller.second.jobs() == 0) callers_.erase(callers_.find(caller.first));
}

void JobPool::take_over(Jobs& over) {
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

void JobPool::drop(const Jobs& over) {
  for (const Job& job : over) {
    const JobEnd end = job.over(Clock::now()).value_or(JobEnd::late);
    call_guarded([&] { job.unanswered(end); });
    count(end);
  }
}

/// Drops jobs whose callers are gone, and jobs that waited too long.
void JobPool::sweep(const std::stop_token& stop) {
  std::unique_lock pause(pause_mutex_);
  while (!pause_.wait_for(pause, stop, sweep_interval, [&] { return stop.stop_requested(); })) {
    Jobs over;
    {
      const std::lock_guard lock(mutex_);
      take_over(over);
    }
    drop(over);
  }
}

}  // namespace packwalk
