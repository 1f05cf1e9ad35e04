// The HTTP/1.1 server: routes behind a listener. The routes define what requests mean.
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

/// Whether only this machine can reach an IP address. False for other texts.
bool is_loopback(const std::string& host);

/// Its threads run from start() to stop().
class HttpServer {
 public:
  HttpServer(ServerOptions options, Service service);
  ~HttpServer();

  /// Listens. Errc::unavailable: the address is in use. Errc::invalid_input: the host is not an IP address.
  Result<void> start();

  std::uint16_t port() const;
  std::size_t connections() const;
  std::size_t body_bytes() const;      // bytes under bodies_bytes_max
  std::size_t response_bytes() const;  // bytes under responses_bytes_max

  /// Accepts no new connections or requests, waits until those under way are answered (at most `grace`), and ends all.
  void stop(std::chrono::seconds grace);

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace packwalk
