// Periodic work on a thread of its own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "packwalk/installation/log.h"

namespace packwalk {

/// Calls `step` repeatedly until it is destroyed; the destructor waits for the current step. An exception ends only its
/// step, and is logged.
class Ticker {
 public:
  enum class First { later, at_once };

  /// Each step returns the pause before the next one.
  explicit Ticker(std::function<std::chrono::milliseconds()> step) : Ticker({}, std::move(step)) {}

  /// At a fixed interval. The first step runs after the interval, or immediately.
  Ticker(std::chrono::seconds interval, First first, std::function<void()> work)
      : Ticker(first == First::later ? interval : std::chrono::seconds(0), [interval, work = std::move(work)] {
          work();
          return interval;
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
  static constexpr std::chrono::milliseconds pause_after_fault{1000};

  Ticker(std::chrono::milliseconds pause, std::function<std::chrono::milliseconds()> step)
      : thread_([this, pause, step = std::move(step)]() mutable {
          std::unique_lock lock(mutex_);
          while (!stopped_.wait_for(lock, pause, [this] { return stop_; })) {
            lock.unlock();
            try {
              pause = step();
            } catch (const std::exception& error) {  // for example, memory ran out
              log_error("step_failed", {{"error", error.what()}});
              pause = pause_after_fault;
            }
            lock.lock();
          }
        }) {}

  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace packwalk
