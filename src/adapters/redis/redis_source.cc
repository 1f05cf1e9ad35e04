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
constexpr std::chrono::seconds silence_max{5};  // then it is asked whether the connection still lives
constexpr std::chrono::milliseconds pause{300};
constexpr std::size_t workers_max = 10'000;  // that are remembered

class RedisSource final : public LiveSource {
 public:
  RedisSource(redis::Address address, std::string channel, LiveListener& listener)
      : address_(std::move(address)), channel_(std::move(channel)), listener_(listener), thread_([this] { run(); }) {}
  ~RedisSource() override {
    stopping_ = true;
    const std::uint64_t one = 1;
    static_cast<void>(::write(wake_, &one, sizeof one));
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
    numbers_.clear();
    following_ = true;
    listener_.miss();
    Clock::time_point heard_at = Clock::now();
    while (!stopping_ && Clock::now() - heard_at < silence_max) {
      const auto payloads = client->heard(wake_, wait_max);
      if (!payloads) return;
      for (const std::string& payload : *payloads) take(payload);
      if (!payloads->empty()) heard_at = Clock::now();
    }
  }

  void take(std::string_view payload) {
    const auto message = redis::bus_message_from(payload);
    if (!message) return;
    if (numbers_.size() >= workers_max) numbers_.clear();
    const auto [known, is_new] = numbers_.try_emplace(message->worker, message->number);
    const bool missed = !is_new && message->number != known->second + 1;
    known->second = message->number;
    listener_.hear(message->positions);
    if (missed) listener_.miss();
  }

  const redis::Address address_;
  const std::string channel_;
  LiveListener& listener_;
  const int wake_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  std::unordered_map<std::uint64_t, std::uint64_t> numbers_;  // the last one of each worker; of the thread
  std::atomic<bool> following_ = false;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<LiveSource>> make_redis_source(const BusOptions& options, LiveListener& listener) {
  auto address = redis::address_from(options.url);
  if (!address) return tl::unexpected(std::move(address.error()));
  return std::make_unique<RedisSource>(*std::move(address), options.channel, listener);
}

}  // namespace packwalk
