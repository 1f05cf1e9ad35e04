// ClickHouse's HTTP interface.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/http_client/http_client.h"
#include "base/result.h"

namespace packwalk::clickhouse {

/// Thread-safe.
class Client {
 public:
  /// http://user:password@host:port/database or https. `ca_file` verifies the certificate (empty: the system's bundle).
  /// Errc::invalid_input: the url is not valid; the error does not show it.
  static Result<std::unique_ptr<Client>> from_url(const std::string& url, const std::string& ca_file);

  /// Runs one statement, and returns the complete answer or an error. Errc::unavailable: try again. Errc::too_large:
  /// the answer is larger than `bytes_max`. Errors never show a password.
  Result<std::string> ask(std::string_view statement, std::chrono::seconds timeout,
                          std::size_t bytes_max = answer_bytes_max);

  /// Runs an INSERT of `data` once. After an error, a part of it may be stored. `settings` is appended to the query of
  /// the url, such as "&insert_deduplicate=0".
  Result<void> insert(std::string_view statement, std::string_view settings, std::string_view data,
                      std::chrono::seconds timeout);

  static constexpr std::size_t answer_bytes_max = 16UL * 1024 * 1024;

 private:
  Client(const std::string& ca_file, std::string url, std::vector<std::string> headers)
      : http_(ca_file), url_(std::move(url)), headers_(std::move(headers)) {}

  Result<std::string> post(const std::string& query, std::string_view body, std::chrono::seconds timeout,
                           std::size_t bytes_max);

  HttpClient http_;
  const std::string url_;  // without user and password
  const std::vector<std::string> headers_;
};

}  // namespace packwalk::clickhouse
