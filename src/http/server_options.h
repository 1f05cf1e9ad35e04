// The address and the limits of an HTTP server.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "http/allowed_origins.h"

namespace packwalk {

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;  // 0 picks a free port
  std::size_t threads = 0;    // must be set
  std::size_t connections_max = 10'000;
  std::size_t address_connections_max = 0;  // of one IPv4 address or IPv6 /64; 0: half of connections_max
  std::size_t header_bytes_max = 16UL * 1024;
  std::size_t body_bytes_max = 1024UL * 1024;
  std::size_t bodies_bytes_max = 32UL * 1024 * 1024;  // of all requests under way; a quarter is reserved for small ones
  std::size_t responses_bytes_max = 64UL * 1024 * 1024;  // of all responses that are not sent yet
  std::chrono::seconds request_timeout{30};              // from a request's first byte to its last
  std::chrono::seconds idle_timeout{75};                 // of a kept-alive connection between requests
  std::chrono::seconds first_byte_timeout{10};  // of a new connection, if more than half of the connections are taken
  std::chrono::seconds write_timeout{30};
  AllowedOrigins allow_origins;  // whose pages may read responses
};

}  // namespace packwalk
