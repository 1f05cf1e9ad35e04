// The HTTP/1.1 client of a collar: kept-alive connections, many concurrent requests from one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace packwalk {

struct ServerAddress {
  std::string host;
  std::uint16_t port = 80;

  friend bool operator==(const ServerAddress&, const ServerAddress&) = default;
};

/// `http://host:port`, `host:port`, `[::1]:port`; the default port is 80. Errc::invalid_input: anything else, also
/// https.
Result<ServerAddress> server_address_from(std::string_view url);

/// The tokens of devices, by their ids.
using DeviceTokens = std::map<std::string, std::string>;

struct CollarRequest {
  std::string token;
  std::string content_type;
  bool gzip = false;  // `body` is already compressed so
  std::string body;
};

struct CollarAnswer {
  int status = 0;
  std::string body;
  std::optional<std::chrono::seconds> retry_after;
};

struct CollarClientOptions {
  std::size_t connections_max = 16;
  std::chrono::seconds timeout{30};  // to connect, and again from the request's first byte to the answer's last
};

/// Called once, within work_until() or get(). An error is always Errc::unavailable: there was no complete answer, so
/// the server may or may not have the request.
using Answered = std::function<void(Result<CollarAnswer>)>;

/// One thread. Nothing here throws but std::bad_alloc.
class CollarClient {
 public:
  CollarClient(const ServerAddress& server, const CollarClientOptions& options);
  ~CollarClient();

  /// POST /v1/packets, as soon as a connection is free.
  void post(const CollarRequest& request, Answered answered);

  /// The number of unanswered requests.
  std::size_t under_way() const;

  /// Sends and receives until an answer arrives, or until `until`.
  void work_until(std::chrono::steady_clock::time_point until);

  /// The answer to GET `path` with a bearer token. Other requests continue meanwhile.
  Result<CollarAnswer> get(const std::string& path, const std::string& token);

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace packwalk
