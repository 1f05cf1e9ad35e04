#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <unordered_map>
#include <utility>

#include "adapters/redis/bus.h"
#include "adapters/redis/bus_message.h"
#include "adapters/redis/client.h"

namespace packwalk {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds wait_max{1000};
constexpr std::chrono::seconds silence_max{
    5};  // longest silence of a server that is pinged every second, and of a worker
constexpr std::chrono::milliseconds pause{300};
constexpr std::chrono::seconds ping_interval{1};
constexpr std::size_t workers_max = 10'000;  // greatest number of known workers

class RedisSource final : public LiveSource {
 public:
  RedisSource(redis::Address address, std::string channel, LiveListener& listener)
      : address_(std::move(address)), channel_(std::move(channel)), listener_(listener), thread_([this] { run(); }) {}
  ~RedisSource() override {
    stopping_ = true;
    ::eventfd_write(wake_, 1);
    thread_.join();
    ::close(wake_);
  }

  bool is_following() const override { return following_; }

 private:
  void run() {
    while (!stopping_) {
      follow();
      following_ = false;
      for (Clock::time_point until = Clock::now() + pause; !stopping_ && Clock::now() < until;) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
    }
  }

  /// Until the connection is lost.
  void follow() {
    auto client = redis::Client::open(address_);
    if (!client || !client->run({"SUBSCRIBE", channel_})) return;
    workers_.clear();
    following_ = true;
    listener_.miss();
    Clock::time_point heard_at = Clock::now();
    Clock::time_point asked_at = heard_at;
    while (!stopping_ && Clock::now() - heard_at < silence_max) {
      const auto heard = client->heard(wake_, wait_max);
      if (!heard) return;
      for (const std::string& payload : heard->payloads) take(payload);
      if (heard->lives) heard_at = Clock::now();
      if (Clock::now() - asked_at >= ping_interval) {
        asked_at = Clock::now();
        if (!client->ping()) return;
      }
      forget_the_silent();
    }
  }

  void take(std::string_view payload) {
    const auto message = redis::bus_message_from(payload);
    if (!message) return;
    if (workers_.size() >= workers_max) workers_.clear();
    Heard& before = workers_[message->worker];
    const bool missed = message->number != before.number + 1;
    before = {message->number, Clock::now()};
    listener_.hear(message->positions);
    if (missed) listener_.miss();
  }

  /// It may have crashed before it published its last committed positions.
  void forget_the_silent() {
    const auto forgotten =
        std::erase_if(workers_, [](const auto& each) { return Clock::now() - each.second.at > silence_max; });
    if (forgotten > 0) listener_.miss();
  }

  const redis::Address address_;
  const std::string channel_;
  LiveListener& listener_;
  const int wake_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  struct Heard {
    std::uint64_t number = 0;
    Clock::time_point at;
  };
  std::unordered_map<std::uint64_t, Heard> workers_;  // the last number of each worker; used only by the thread
  std::atomic<bool> following_ = false;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<LiveSource>> make_redis_source(const BusOptions& options, LiveListener& listener) {
  auto address = redis::address_from(options.url, options.ca_file);
  if (!address) return address.failure();
  return std::make_unique<RedisSource>(*std::move(address), options.channel, listener);
}

}  // namespace packwalk
