// The HTTP/1.1 client that a collar is: kept-alive connections, many requests at once from one thread.
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

/// `http://host:port`, `host:port`, `[::1]:port`; port 80 where it is not given. Errc::invalid_input: anything else,
/// https too.
Result<ServerAddress> server_address_from(std::string_view url);

/// The tokens of devices, by their ids.
using DeviceTokens = std::map<std::string, std::string>;

struct CollarRequest {
  std::string token;
  std::string content_type;
  bool gzip = false;  // `body` is packed so already
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

/// Called once, within work_until() or get(). An error is always Errc::unavailable: there was no whole answer, so the
/// server may have got the request or not.
using Answered = std::function<void(Result<CollarAnswer>)>;

/// One thread. Nothing here throws but std::bad_alloc.
class CollarClient {
 public:
  CollarClient(const ServerAddress& server, const CollarClientOptions& options);
  ~CollarClient();

  /// POST /v1/packets, at once when a connection is free, else when one is.
  void post(const CollarRequest& request, Answered answered);

  /// Requests that are not answered yet.
  std::size_t under_way() const;

  /// Sends and receives until an answer has come or it is `until`.
  void work_until(std::chrono::steady_clock::time_point until);

  /// The answer to GET `path` with a bearer token. Meanwhile other requests go on.
  Result<CollarAnswer> get(const std::string& path, const std::string& token);

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace packwalk
