// The HTTP/1.1 server: sockets, limits and time-outs. What requests mean is the handler's.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "http/exchange.h"

namespace packwalk {

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

/// Its threads run from start() to stop(). Handlers are called on them, any number at once.
class HttpServer {
 public:
  /// Listens. Errc::unavailable when the address is taken, Errc::invalid_input when the host is no IP address.
  static Result<std::unique_ptr<HttpServer>> start(const ServerOptions& options, Handler handler);
  ~HttpServer();

  std::uint16_t port() const;

  /// Takes no new connection or request, waits until those under way are answered (`grace` at most), ends all.
  void stop(std::chrono::seconds grace);

 private:
  class Listener;
  explicit HttpServer(std::unique_ptr<Listener> listener);
  std::unique_ptr<Listener> listener_;
};

}  // namespace packwalk
