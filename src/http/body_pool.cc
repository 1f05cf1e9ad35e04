#include "http/body_pool.h"

#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <deque>
#include <exception>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace packwalk {
namespace {

// Where all cores are busy, whoever waits for little comes first.
constexpr int niceness = 5;

void be_nice() {
  thread_local bool done = false;
  if (done) return;
  done = true;
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness);
}

}  // namespace

class BodyPool::Bodies : public std::enable_shared_from_this<Bodies> {
 public:
  explicit Bodies(const Limits& limits) : limits_(limits), pool_(limits.threads) {}

  bool run(DeviceNumber device, std::size_t bytes, Work work, std::function<void()> failed) {
    const std::lock_guard lock(mutex_);
    if (closed_ || bodies_ >= limits_.bodies_max || bytes_ + bytes > limits_.bytes_max) return false;
    const auto known = waiting_.find(device);
    if (known != waiting_.end() && known->second.size() + 1 >= limits_.bodies_max_of_device) return false;
    ++bodies_;
    bytes_ += bytes;
    Body body{bytes, std::move(work), std::move(failed)};
    if (known != waiting_.end()) {
      known->second.push_back(std::move(body));
    } else {
      waiting_.try_emplace(device);
      start(device, std::move(body));
    }
    return true;
  }

  std::size_t bodies() const {
    const std::lock_guard lock(mutex_);
    return bodies_;
  }

  void join() {
    pool_.join();
    std::unordered_map<DeviceNumber, std::deque<Body>> dropped;  // after the lock: a body may hold a turn
    const std::lock_guard lock(mutex_);
    closed_ = true;
    dropped.swap(waiting_);
  }

 private:
  struct Body {
    std::size_t bytes = 0;
    Work work;
    std::function<void()> failed;
  };

  void start(DeviceNumber device, Body body) {
    boost::asio::post(pool_, [this, device, body = std::move(body)]() mutable {
      be_nice();
      run_now(device, body);
      const std::lock_guard lock(mutex_);
      --bodies_;
      bytes_ -= body.bytes;
    });
  }

  void run_now(DeviceNumber device, Body& body) {
    const Turn turn(nullptr, [self = weak_from_this(), device](const void*) {
      if (const auto bodies = self.lock()) bodies->next(device);
    });
    try {
      body.work(turn);
    } catch (const std::exception&) {  // memory ran out, say
      body.failed();
    }
    body.work = nullptr;  // it may hold the turn too
  }

  void next(DeviceNumber device) {
    const std::lock_guard lock(mutex_);
    const auto known = waiting_.find(device);
    if (known == waiting_.end()) return;  // closed
    if (known->second.empty()) {
      waiting_.erase(known);
      return;
    }
    Body body = std::move(known->second.front());
    known->second.pop_front();
    start(device, std::move(body));
  }

  const Limits limits_;
  mutable std::mutex mutex_;
  bool closed_ = false;                                         // guarded by mutex_, like all below
  std::size_t bodies_ = 0;                                      // that run or wait
  std::size_t bytes_ = 0;                                       // of them
  std::unordered_map<DeviceNumber, std::deque<Body>> waiting_;  // of the devices of which one has its turn
  boost::asio::thread_pool pool_;                               // last: its threads use the rest
};

BodyPool::BodyPool(const Limits& limits) : bodies_(std::make_shared<Bodies>(limits)) {}
BodyPool::~BodyPool() { join(); }

bool BodyPool::run(DeviceNumber device, std::size_t bytes, Work work, std::function<void()> failed) {
  return bodies_->run(device, bytes, std::move(work), std::move(failed));
}

std::size_t BodyPool::bodies() const { return bodies_->bodies(); }
void BodyPool::join() { bodies_->join(); }

}  // namespace packwalk
