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
  std::uint16_t port = 0;  // 0 picks a free one
  std::size_t threads = 1;
  std::size_t connections_max = 10'000;
  std::size_t address_connections_max = 0;      // of one IPv4 address or IPv6 /64; 0: half of connections_max
  std::chrono::seconds first_byte_timeout{10};  // of a new connection, when more than half of them are taken
};

/// The protocol of a listener.
struct ListenerParts {
  MakeConnection make;
  /// Told what is thrown outside of a connection. Any thread.
  std::function<void(std::string_view what)> report = [](std::string_view) {};
  /// Called twice per second, on the thread of the first worker.
  std::function<void()> each_sweep = [] {};
};

/// Its threads run from start() to stop(). Each has its own connections: an event loop, and a sweep over their
/// deadlines twice per second.
class Listener {
 public:
  Listener(const ListenerOptions& options, ListenerParts parts);
  ~Listener();

  /// Errc::unavailable when the address is taken, Errc::invalid_input when the host is no IP address.
  Result<void> start();

  std::uint16_t port() const;
  std::size_t connections() const;

  /// Takes no new connection, finishes all, waits until they have ended (`grace` at most), ends the rest.
  void stop(std::chrono::seconds grace);

 private:
  class Acceptor;
  std::unique_ptr<Acceptor> acceptor_;
};

}  // namespace packwalk
