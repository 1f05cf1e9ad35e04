#include "adapters/postgres/watch.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/work_limits.h"

namespace packwalk::sql {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds tick{100};
constexpr int quiet_ticks = 20;  // then it sleeps until a caller wakes it, which takes some microseconds

Clock::time_point deadline_with(std::chrono::milliseconds patience) {
  return std::min(Clock::now() + patience, work_limits().deadline);
}

}  // namespace

/// The only thread that checks deadlines. A caller that is gone is detected immediately, without it.
class Watcher {
 public:
  static Watcher& of_process() {
    static Watcher watcher;
    return watcher;
  }

  void add(Watch& watch) {
    const std::lock_guard lock(mutex_);
    watch.index_ = watches_.size();
    watches_.push_back(&watch);
    if (sleeps_) wake_.notify_one();
  }

  void remove(Watch& watch) {
    const std::lock_guard lock(mutex_);
    watches_[watch.index_] = watches_.back();
    watches_[watch.index_]->index_ = watch.index_;
    watches_.pop_back();
  }

 private:
  Watcher() : thread_([this](const std::stop_token& stop) { run(stop); }) {}

  void run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    for (int quiet = 0; !stop.stop_requested();) {
      quiet = watches_.empty() ? quiet + 1 : 0;
      if (quiet < quiet_ticks) {
        wake_.wait_for(lock, stop, tick, [] { return false; });
      } else {
        sleeps_ = true;
        wake_.wait(lock, stop, [this] { return !watches_.empty(); });
        sleeps_ = false;
      }
      const auto now = Clock::now();
      for (Watch* watch : watches_) {
        if (now >= watch->deadline_.load()) watch->end();
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::vector<Watch*> watches_;  // guarded by mutex_, like the next
  bool sleeps_ = false;
  std::jthread thread_;  // last, because the thread uses all members
};

Watch::Watch(PGconn* client, std::chrono::milliseconds patience)
    : socket_(::fcntl(PQsocket(client), F_DUPFD_CLOEXEC, 0)), patience_(patience), deadline_(deadline_with(patience)) {
  if (socket_ < 0) return;
  Watcher::of_process().add(*this);
  if (const std::stop_token& gone = work_limits().gone; gone.stop_possible()) {
    when_gone_.emplace(gone, [this] { end(); });
  }
}

Watch::~Watch() {
  if (socket_ < 0) return;
  when_gone_.reset();
  Watcher::of_process().remove(*this);
  ::close(socket_);
}

void Watch::go_on() { deadline_ = deadline_with(patience_); }

void Watch::end() {
  ended_ = true;
  ::shutdown(socket_, SHUT_RDWR);
}

}  // namespace packwalk::sql
