// Work that is done again and again.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace packwalk {

/// Calls `work` at an interval until it is destroyed, for the first time when the interval has passed, or at once.
class Ticker {
 public:
  enum class First { later, at_once };

  Ticker(std::chrono::seconds interval, First first, std::function<void()> work)
      : thread_([this, interval, first, work = std::move(work)] {
          if (first == First::at_once) work();
          std::unique_lock lock(mutex_);
          while (!stopped_.wait_for(lock, interval, [this] { return stop_; })) {
            lock.unlock();
            work();
            lock.lock();
          }
        }) {}
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;
  ~Ticker() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    stopped_.notify_all();
    thread_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace packwalk
