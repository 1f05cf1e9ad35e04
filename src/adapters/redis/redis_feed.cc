#include <sys/random.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/redis/bus.h"
#include "adapters/redis/bus_message.h"
#include "adapters/redis/client.h"

namespace packwalk {
namespace {

constexpr std::size_t waiting_max = 100'000;  // positions; further messages are dropped with their numbers
constexpr std::size_t message_positions_max = 1000;
constexpr std::chrono::seconds heartbeat{1};

std::uint64_t random_number() {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number)
    throw std::runtime_error("the system has no random numbers");
  return number;
}

class RedisFeed final : public LiveFeed {
 public:
  RedisFeed(redis::Address address, std::string channel)
      : address_(std::move(address)), channel_(std::move(channel)), thread_([this] { run(); }) {}
  ~RedisFeed() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void publish(std::span<const DevicePosition> positions) override {
    if (positions.empty()) return;
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.size() + positions.size() > waiting_max) {
        dropped_ = true;
        return;
      }
      waiting_.insert(waiting_.end(), positions.begin(), positions.end());
    }
    changed_.notify_all();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (!stopping_ || !waiting_.empty()) {
      changed_.wait_for(lock, heartbeat, [this] { return stopping_ || !waiting_.empty(); });
      const std::vector<DevicePosition> positions = std::exchange(waiting_, {});
      if (std::exchange(dropped_, false)) ++number_;
      lock.unlock();
      send(positions);
      lock.lock();
    }
  }

  /// A message that cannot be sent uses up its number, so that listeners detect the gap. After a failure, skips the
  /// rest, because each attempt would wait again.
  void send(std::span<const DevicePosition> positions) {
    do {
      const auto some = positions.first(std::min(positions.size(), message_positions_max));
      positions = positions.subspan(some.size());
      const std::string message = redis::bus_message(worker_, ++number_, some);
      if (!client_) {
        auto opened = redis::Client::open(address_);
        if (!opened) return;
        client_ = *std::move(opened);
      }
      if (!client_->run({"PUBLISH", channel_, message})) return client_.reset();
    } while (!positions.empty());
  }

  const redis::Address address_;
  const std::string channel_;
  const std::uint64_t worker_ = random_number();

  std::optional<redis::Client> client_;  // of the thread, like the number
  std::uint64_t number_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<DevicePosition> waiting_;  // guarded by mutex_, like all below
  bool dropped_ = false;
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<LiveFeed>> make_redis_feed(const BusOptions& options) {
  auto address = redis::address_from(options.url, options.ca_file);
  if (!address) return address.failure();
  return std::make_unique<RedisFeed>(*std::move(address), options.channel);
}

}  // namespace packwalk
