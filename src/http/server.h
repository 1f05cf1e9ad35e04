// The HTTP/1.1 server: sockets, limits and time-outs. What requests mean is the handler's.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "http/exchange.h"

namespace packwalk {

/// Whether an IP address is reached from this machine only. False for what is no IP address.
bool is_loopback(const std::string& host);

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;  // 0 picks a free one
  std::size_t threads = 0;    // must be set
  std::size_t connections_max = 10'000;
  std::size_t header_bytes_max = 16UL * 1024;
  std::size_t body_bytes_max = 1024UL * 1024;
  std::chrono::seconds request_timeout{30};  // from a request's first byte to its last
  std::chrono::seconds idle_timeout{75};     // of a kept-alive connection between requests
  std::chrono::seconds write_timeout{30};
};

/// Who is called by a server, on its threads, any number at once.
struct Service {
  Handler handle;
  /// Told the status of what was answered without `handle`: no HTTP, too large, or `handle` threw.
  std::function<void(int status)> refused = [](int) {};
};

/// Its threads run from start() to stop().
class HttpServer {
 public:
  HttpServer(ServerOptions options, Service service);
  ~HttpServer();

  /// Listens. Errc::unavailable when the address is taken, Errc::invalid_input when the host is no IP address.
  Result<void> start();

  std::uint16_t port() const;
  std::size_t connections() const;

  /// Takes no new connection or request, waits until those under way are answered (`grace` at most), ends all.
  void stop(std::chrono::seconds grace);

 private:
  class Listener;
  std::unique_ptr<Listener> listener_;
};

}  // namespace packwalk
