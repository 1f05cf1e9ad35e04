// The only door from request handlers to code that blocks (the store).
#pragma once

#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <exception>
#include <utility>

namespace packwalk {

/// Thread-safe.
class BlockingPool {
 public:
  BlockingPool(std::size_t threads, std::size_t jobs_max) : jobs_max_(jobs_max), pool_(threads) {}

  /// Runs `work` on a thread of the pool, and `failed` when it throws; false, at once, when `jobs_max` are running or
  /// waiting.
  template <class Work, class Failed>
  bool run(Work work, Failed failed) {
    if (jobs_.fetch_add(1) >= jobs_max_) {
      jobs_.fetch_sub(1);
      return false;
    }
    boost::asio::post(pool_, [this, work = std::move(work), failed = std::move(failed)]() mutable {
      try {
        work();
      } catch (const std::exception&) {
        failed();
      }
      jobs_.fetch_sub(1);
    });
    return true;
  }

  /// Running or waiting.
  std::size_t jobs() const { return jobs_; }

  /// Waits for the jobs under way.
  void join() { pool_.join(); }

 private:
  const std::size_t jobs_max_;
  std::atomic<std::size_t> jobs_ = 0;
  boost::asio::thread_pool pool_;  // last: its threads end before the counter goes
};

}  // namespace packwalk
