#include "doors/body_pool.h"

#include <sys/resource.h>
#include <unistd.h>

#include <condition_variable>
#include <exception>
#include <list>
#include <mutex>
#include <new>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace packwalk {
namespace {

// If all cores are busy, requests with small bodies go first.
constexpr int niceness = 5;
// The part of the room for small bodies of devices with no other body in the pool, so that a few devices cannot block
// all.
constexpr std::size_t reserved_part = 4;  // the reserve is one part of this many
constexpr std::size_t small_bytes_max = std::size_t{64} * 1024;

}  // namespace

class BodyPool::Bodies : public std::enable_shared_from_this<Bodies> {
 public:
  explicit Bodies(const Limits& limits) : limits_(limits) {
    for (std::size_t i = 0; i < limits.threads; ++i) threads_.emplace_back([this] { run_until_closed(); });
  }

  /// Allocates everything that the body needs, so that no later step can fail.
  bool run(DeviceNumber device, std::size_t bytes, Work work, Failed failed) {
    try {
      List one;
      one.push_back({device, bytes, std::move(work), std::move(failed)});
      return add(one);
    } catch (const std::bad_alloc&) {
      return false;
    }
  }

  std::size_t bodies() const {
    const std::lock_guard lock(mutex_);
    return bodies_;
  }

  void join() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    List ready;  // destroyed after the lock, because a body may hold a turn
    std::unordered_map<DeviceNumber, List> waiting;
    const std::lock_guard lock(mutex_);
    ready.swap(ready_);
    waiting.swap(waiting_);
  }

 private:
  struct Body {
    DeviceNumber device;
    std::size_t bytes = 0;
    Work work;
    Failed failed;
  };
  using List = std::list<Body>;

  /// Moves the body, unless it returns false or throws.
  bool add(List& one) {
    const Body& body = one.front();
    const std::lock_guard lock(mutex_);
    if (closed_ || !has_room_for(body)) return false;
    const auto [known, is_first] = waiting_.try_emplace(body.device);
    if (!is_first && known->second.size() + 1 >= limits_.bodies_max_of_device) return false;
    ++bodies_;
    bytes_ += body.bytes;
    if (is_first) {
      ready_.splice(ready_.end(), one);
      changed_.notify_one();
    } else {
      known->second.splice(known->second.end(), one);
    }
    return true;
  }

  /// Under the lock.
  bool has_room_for(const Body& body) const {
    const bool is_small = body.bytes <= small_bytes_max && !waiting_.contains(body.device);
    const std::size_t part = is_small ? 0 : reserved_part;
    const auto without_reserve = [part](std::size_t all) { return part == 0 ? all : all - all / part; };
    return bodies_ < without_reserve(limits_.bodies_max) && bytes_ + body.bytes <= without_reserve(limits_.bytes_max);
  }

  void run_until_closed() {
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness);
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return closed_ || !ready_.empty(); });
      if (ready_.empty()) return;
      List one;
      one.splice(one.end(), ready_, ready_.begin());
      const std::size_t bytes = one.front().bytes;
      lock.unlock();
      run_now(one.front());
      one.clear();
      lock.lock();
      --bodies_;
      bytes_ -= bytes;
    }
  }

  /// Must not throw: an exception would end the process.
  void run_now(Body& body) noexcept {
    try {
      const Turn turn(nullptr, [self = weak_from_this(), device = body.device](const void*) noexcept {
        if (const auto bodies = self.lock()) bodies->next(device);
      });
      body.work(turn);
    } catch (const std::exception& error) {
      fail(body, error.what());
    } catch (...) {
      fail(body, "an object was thrown that is not an exception");
    }
  }

  static void fail(Body& body, std::string_view what) noexcept {
    body.work = nullptr;  // frees memory, which may be what is missing
    try {
      body.failed(what);
    } catch (...) {  // NOLINT(bugprone-empty-catch): no memory to report it
    }
  }

  void next(DeviceNumber device) noexcept {
    const std::lock_guard lock(mutex_);
    const auto known = waiting_.find(device);
    if (known == waiting_.end()) return;  // closed
    List& waiting = known->second;
    if (waiting.empty()) {
      waiting_.erase(known);
      return;
    }
    ready_.splice(ready_.end(), waiting, waiting.begin());
    changed_.notify_one();
  }

  const Limits limits_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool closed_ = false;                             // guarded by mutex_, like all below
  std::size_t bodies_ = 0;                          // that run or wait
  std::size_t bytes_ = 0;                           // of them
  List ready_;                                      // whose turn it is
  std::unordered_map<DeviceNumber, List> waiting_;  // of devices with a body that has its turn
  std::vector<std::thread> threads_;  // used only by the owner's thread; last, because the threads use all members
};

BodyPool::BodyPool(const Limits& limits) : bodies_(std::make_shared<Bodies>(limits)) {}
BodyPool::~BodyPool() { join(); }

bool BodyPool::run(DeviceNumber device, std::size_t bytes, Work work, Failed failed) {
  return bodies_->run(device, bytes, std::move(work), std::move(failed));
}

std::size_t BodyPool::bodies() const { return bodies_->bodies(); }
void BodyPool::join() { bodies_->join(); }

}  // namespace packwalk
