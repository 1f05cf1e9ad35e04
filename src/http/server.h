// The HTTP/1.1 server: sockets, limits and time-outs. What requests mean is the business of the routes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/router.h"

namespace packwalk {

bool is_ip_address(const std::string& text);

/// Whether an IP address is reached from this machine only. False for what is no IP address.
bool is_loopback(const std::string& host);

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;  // 0 picks a free one
  std::size_t threads = 0;    // must be set
  std::size_t connections_max = 10'000;
  std::size_t address_connections_max = 0;  // of one IPv4 address or IPv6 /64; 0: half of connections_max
  std::size_t header_bytes_max = 16UL * 1024;
  std::size_t body_bytes_max = 1024UL * 1024;
  std::size_t bodies_bytes_max = 32UL * 1024 * 1024;     // of all requests under way; a quarter is for small ones
  std::size_t responses_bytes_max = 64UL * 1024 * 1024;  // of all responses that are not sent yet
  std::chrono::seconds request_timeout{30};              // from a request's first byte to its last
  std::chrono::seconds idle_timeout{75};                 // of a kept-alive connection between requests
  std::chrono::seconds first_byte_timeout{10};           // of a new connection, when more than half of them are taken
  std::chrono::seconds write_timeout{30};
};

/// What broke while a request was served: an exception, or a response that cannot be sent. Holds no secret: of a path,
/// the pattern of its route.
struct Fault {
  std::string_view method;
  std::string_view pattern;
  std::string_view address;  // of the peer
  std::string_view what;
};

/// A request that reached no handler, or bytes that are none.
struct Unhandled {
  std::string_view reason;   // a literal: "unknown_path", "wrong_method", "malformed", "too_large", "tls", "overloaded"
  std::string_view address;  // of the peer
  std::string_view path;     // as it came: it may hold a token; "" where nothing was read of it
};

/// What a server calls, on its threads, any number of times at once.
struct Service {
  std::vector<Route> routes;
  /// Told of every response.
  std::function<void(const AnsweredRequest&)> observer = [](const AnsweredRequest&) {};
  std::function<void(const Fault&)> report = [](const Fault&) {};
  std::function<void(const Unhandled&)> unhandled = [](const Unhandled&) {};
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
  std::size_t body_bytes() const;      // of what bodies_bytes_max bounds
  std::size_t response_bytes() const;  // of what responses_bytes_max bounds

  /// Takes no new connection or request, waits until those under way are answered (`grace` at most), ends all.
  void stop(std::chrono::seconds grace);

 private:
  class Listener;
  std::unique_ptr<Listener> listener_;
};

}  // namespace packwalk
