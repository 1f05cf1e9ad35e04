// The HTTP/1.1 server: routes behind a listener. What requests mean is the business of the routes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "http/server_options.h"
#include "http/service.h"

namespace packwalk {

bool is_ip_address(const std::string& text);

/// Whether an IP address is reached from this machine only. False for what is no IP address.
bool is_loopback(const std::string& host);

/// Its threads run from start() to stop().
class HttpServer {
 public:
  HttpServer(ServerOptions options, Service service);
  ~HttpServer();

  /// Listens. Errc::unavailable when the address is taken, Errc::invalid_input when the host is no IP address.
  Result<void> start();

  std::uint16_t port() const;
  std::size_t connections() const;
  std::size_t body_bytes() const;      // of what bodies_bytes_max bounds
  std::size_t response_bytes() const;  // of what responses_bytes_max bounds

  /// Takes no new connection or request, waits until those under way are answered (`grace` at most), ends all.
  void stop(std::chrono::seconds grace);

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace packwalk
