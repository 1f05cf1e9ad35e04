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

/// Thread-safe: each call takes an idle connection, or opens one. Speaks http and https only, follows no redirect and
/// asks no proxy. Ends when the work of the thread must end (base/work_limits.h).
class HttpClient {
 public:
  /// `ca_file`: a bundle of certificates that verifies the server of an https url; empty: the system's. Throws when
  /// libcurl cannot be used.
  explicit HttpClient(std::string ca_file);
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  /// Errc::unavailable when no whole answer came; the detail shows neither the url nor a header.
  Result<HttpAnswer> post(const HttpPost& request);

 private:
  struct Handle;
  std::unique_ptr<Handle> idle_handle();

  const std::string ca_file_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Handle>> idle_;  // guarded by mutex_
};

}  // namespace packwalk
