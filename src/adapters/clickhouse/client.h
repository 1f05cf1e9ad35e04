// ClickHouse's HTTP interface through libcurl.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace packwalk::clickhouse {

/// Thread-safe: each call takes an idle connection, or opens one. Follows no redirect and asks no proxy.
class Client {
 public:
  /// http://user:password@host:port/database, or https, for whose certificate `ca_file` vouches (empty: the system's
  /// authorities). Errc::invalid_input, which shows nothing of the url.
  static Result<std::unique_ptr<Client>> from_url(const std::string& url, const std::string& ca_file);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

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
  struct Handle;
  struct Target;
  explicit Client(std::unique_ptr<Target> target);

  Result<std::string> post(const std::string& query, std::string_view body, std::chrono::seconds timeout,
                           std::size_t bytes_max);
  std::unique_ptr<Handle> idle_handle();

  const std::unique_ptr<Target> target_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Handle>> idle_;  // guarded by mutex_
};

}  // namespace packwalk::clickhouse
