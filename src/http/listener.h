// Accepts connections of any protocol, and serves them on threads of its own.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/worker.h"

namespace packwalk {

struct ListenerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  // 0 picks a free port
  std::size_t threads = 1;
  std::size_t connections_max = 10'000;
  std::size_t address_connections_max = 0;      // of one IPv4 address or IPv6 /64; 0: half of connections_max
  std::chrono::seconds first_byte_timeout{10};  // of a new connection, if more than half of the seats are taken
};

/// The protocol of a listener.
struct ListenerParts {
  MakeConnection make;
  /// Receives exceptions from outside of connections. Any thread.
  std::function<void(std::string_view what)> report = [](std::string_view) {};
  /// Called twice per second, on the thread of the first worker.
  std::function<void()> each_sweep = [] {};
};

/// Its threads run from start() to stop(). Each has connections of its own, an event loop, and a sweep over deadlines
/// twice per second.
class Listener {
 public:
  Listener(const ListenerOptions& options, ListenerParts parts);
  ~Listener();

  /// Errc::unavailable: the address is in use. Errc::invalid_input: the host is not an IP address.
  Result<void> start();

  std::uint16_t port() const;
  std::size_t connections() const;

  /// Accepts no new connections, finishes all, waits until they have ended (at most `grace`), and ends the rest.
  void stop(std::chrono::seconds grace);

 private:
  class Acceptor;
  std::unique_ptr<Acceptor> acceptor_;
};

}  // namespace packwalk
