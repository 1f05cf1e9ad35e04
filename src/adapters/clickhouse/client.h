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
  /// http://user:password@host:port/database, or https, for whose certificate `ca_file` vouches (empty: the system's
  /// authorities). Errc::invalid_input, which shows nothing of the url.
  static Result<std::unique_ptr<Client>> from_url(const std::string& url, const std::string& ca_file);

  /// Runs one statement; the answer is whole or an error. Errc::unavailable: try again; Errc::too_large: the answer is
  /// larger than `bytes_max`. An error shows no password.
  Result<std::string> ask(std::string_view statement, std::chrono::seconds timeout,
                          std::size_t bytes_max = answer_bytes_max);

  /// Runs an INSERT of `data`, once: part of it may be there even after an error. `settings` is what else stands in the
  /// query of the url, "&insert_deduplicate=0" say.
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
