// For tests of roles: ports in memory, and a client of one request.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "packwalk/roles/shared.h"
#include "ports/clock.h"
#include "ports/device_registry.h"

namespace packwalk {

/// Stands still until a test sets it.
class SetClock final : public Clock {
 public:
  ServerTime now() override { return server_time(microseconds_); }
  ServerTime stamp() override { return now(); }
  void advance(std::chrono::microseconds time) { microseconds_ += time.count(); }

 private:
  std::atomic<std::int64_t> microseconds_ = 1'767'261'600'000'000;
};

/// Has no device, or an error.
class NoDevices final : public DeviceRegistry {
 public:
  explicit NoDevices(Result<void> outcome = {}) : outcome_(std::move(outcome)) {}

  Result<void> add(std::span<const NewDevice> /*devices*/, ServerTime /*now*/) override { return outcome_; }
  Result<void> replace_token(const DeviceId& /*id*/, const TokenHash& /*token*/, ServerTime /*now*/) override {
    return outcome_;
  }
  Result<void> remove(const DeviceId& /*id*/, ServerTime /*now*/) override { return outcome_; }
  Result<std::optional<DeviceRecord>> find(const DeviceKey& /*key*/) override {
    if (!outcome_) return outcome_.failure();
    return std::nullopt;
  }
  Result<std::int64_t> changes_since(std::int64_t revision, const TakeDevice& /*take*/,
                                     const ForgetDevice& /*forget*/) override {
    if (!outcome_) return outcome_.failure();
    return revision;
  }

 private:
  Result<void> outcome_;
};

inline SharedPorts ports_in_memory(Result<void> of_registry = {}) {
  return {.clock = std::make_unique<SetClock>(),
          .registry = std::make_unique<NoDevices>(std::move(of_registry)),
          .health = {}};
}

/// The whole answer to GET `path` at a port of this machine; "" where nobody listens.
inline std::string answer_of(std::uint16_t port, std::string_view path, const char* host = "127.0.0.1") {
  const int connection = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  ::inet_pton(AF_INET, host, &address.sin_addr);
  std::string answer;
  if (::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    const std::string request = "GET " + std::string(path) + " HTTP/1.1\r\nHost: packwalk\r\nConnection: close\r\n\r\n";
    static_cast<void>(::send(connection, request.data(), request.size(), MSG_NOSIGNAL));
    std::array<char, 4096> bytes{};
    for (ssize_t got = 0; (got = ::recv(connection, bytes.data(), bytes.size(), 0)) > 0;) {
      answer.append(bytes.data(), static_cast<std::size_t>(got));
    }
  }
  ::close(connection);
  return answer;
}

}  // namespace packwalk
