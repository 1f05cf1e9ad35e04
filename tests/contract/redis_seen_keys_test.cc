// Recently seen keys in a real Redis, and in one that is away, slow or forgetful.
#include "adapters/redis/redis_seen_keys.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "adapters/redis/client.h"

namespace packwalk {
namespace {

std::string redis_url() {
  const char* url = std::getenv("PACKWALK_TEST_REDIS");
  if (!url) throw std::runtime_error("no Redis: run the tests with tools/with_servers.py");
  return url;
}

std::vector<PacketKey> some_keys(std::int64_t device, int count) {
  std::vector<PacketKey> keys;
  for (int i = 0; i < count; ++i) keys.push_back({DeviceNumber{device}, Family::track, device_time(i)});
  return keys;
}

std::int64_t seen_of(SeenKeys& keys, std::span<const PacketKey> asked) {
  const std::vector<bool> guesses = keys.guess(asked);
  EXPECT_EQ(asked.size(), guesses.size());
  return std::count(guesses.begin(), guesses.end(), true);
}

std::unique_ptr<SeenKeys> keys_at(const std::string& url, const std::string& name,
                                  std::chrono::milliseconds answer_max = std::chrono::minutes(1)) {
  return std::move(make_redis_seen_keys({.url = url, .name = name, .answer_max = answer_max}).value());
}

TEST(RedisSeenKeys, AreSharedAndNearlyAlwaysRight) {
  const std::string name = "test.seen." + std::to_string(::getpid());
  const auto mine = keys_at(redis_url(), name);
  const auto others = keys_at(redis_url(), name);
  const auto keys = some_keys(1, 12'000);  // more than one command's
  EXPECT_EQ(0, seen_of(*others, keys));
  mine->remember(keys);
  EXPECT_EQ(12'000, seen_of(*others, keys));
  EXPECT_LT(seen_of(*others, some_keys(2, 12'000)), 100) << "others of the same hash are few";
  EXPECT_EQ(0, seen_of(*keys_at(redis_url(), name + ".other"), keys));
  EXPECT_EQ(0, seen_of(*mine, {}));
}

/// How many have come, and were not yet accepted.
int connections_at(int listener) {
  int connections = 0;
  pollfd waiting{.fd = listener, .events = POLLIN, .revents = 0};
  for (; ::poll(&waiting, 1, 0) == 1; ++connections) ::close(::accept(listener, nullptr, nullptr));
  return connections;
}

TEST(RedisSeenKeys, AreUnknownWhenNobodyAnswers) {
  const auto keys = some_keys(1, 10);
  const auto away = keys_at("redis://127.0.0.1:1", "x");
  away->remember(keys);
  EXPECT_EQ(0, seen_of(*away, keys));
}

TEST(RedisSeenKeys, AreNotWaitedForWhenRedisIsSlow) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);  // takes connections and never says a word
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(0, ::bind(listener, reinterpret_cast<sockaddr*>(&address), size));
  ASSERT_EQ(0, ::listen(listener, 1000));
  ASSERT_EQ(0, ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size));
  const auto slow =
      keys_at("redis://127.0.0.1:" + std::to_string(ntohs(address.sin_port)), "x", std::chrono::milliseconds(100));
  const auto keys = some_keys(1, 10);
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(0, seen_of(*slow, keys));
  const auto took = std::chrono::steady_clock::now() - began;
  EXPECT_LE(connections_at(listener), 1 + took / std::chrono::seconds(5)) << "it is left alone for five seconds";
  ::close(listener);
}

TEST(RedisSeenKeys, NeedAUrl) { EXPECT_FALSE(make_redis_seen_keys({.url = "http://127.0.0.1"})); }

}  // namespace
}  // namespace packwalk
