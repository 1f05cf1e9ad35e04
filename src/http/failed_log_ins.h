// Counts requests with unknown tokens, and rejects them cheaply if one address sends many.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "http/exchange.h"
#include "http/rate_limit.h"

namespace packwalk {

enum class LogInFailure { no_token, unknown_token, forbidden, too_many };
std::string_view name_of(LogInFailure cause);

/// Thread-safe. Only for requests that are about to be refused: a valid token is accepted whatever others send from the
/// same address.
class FailedLogIns {
 public:
  struct Options {
    std::size_t per_minute_max = 300;  // from one IPv4 address or IPv6 /64; 0: any number
    /// Told of each; the door is a literal.
    std::function<void(std::string_view door, LogInFailure, const std::string& address)> refused =
        [](std::string_view, LogInFailure, const std::string&) {};
  };
  using Time = std::chrono::steady_clock::time_point;

  explicit FailedLogIns(Options options);

  /// 429 if `address` has failed too often. Call it for a token that is not in memory, before the store is queried for
  /// it.
  std::optional<Response> too_many(const std::string& address, std::string_view door,
                                   Time now = std::chrono::steady_clock::now());

  /// Notes a refusal.
  void note(const std::string& address, std::string_view door, LogInFailure cause,
            Time now = std::chrono::steady_clock::now());

 private:
  const Options options_;
  RateLimit addresses_;
};

}  // namespace packwalk
