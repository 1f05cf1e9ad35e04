// HTTP requests through libcurl.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace packwalk {

struct HttpPost {
  std::string_view url;
  std::span<const std::string> headers;  // "Name: value"
  std::string_view body;
  std::chrono::seconds timeout;
  std::size_t answer_bytes_max;
};

struct HttpAnswer {
  long status = 0;
  std::string body;
  bool is_cut = false;  // the body is longer than answer_bytes_max: this is its beginning
  std::optional<std::chrono::seconds> retry_after;
};

/// Thread-safe: each call uses an idle connection or opens one. Supports only http and https, follows no redirects and
/// uses no proxy. Respects the limits of the thread (base/work_limits.h).
class HttpClient {
 public:
  /// `ca_file`: a bundle of certificates that verifies the server of an https url; empty: the system's. Throws if
  /// libcurl cannot be initialised.
  explicit HttpClient(std::string ca_file);
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  /// Errc::unavailable: no complete answer came. The detail shows neither the url nor a header.
  Result<HttpAnswer> post(const HttpPost& request);

 private:
  struct Handle;
  std::unique_ptr<Handle> idle_handle();

  const std::string ca_file_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Handle>> idle_;  // guarded by mutex_
};

}  // namespace packwalk
