// Requests whose token nobody has: counted, logged now and then, and answered cheaply when one address sends many.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "http/exchange.h"
#include "http/rate_limit.h"

namespace packwalk {

enum class LogInFailure { no_token, unknown_token, no_admin, too_many };
std::string_view name_of(LogInFailure cause);

/// `count` of them since the last report of this cause, the last one from `address`.
struct FailedLogInReport {
  LogInFailure cause{};
  std::string_view address;
  std::size_t count = 0;
};

/// Thread-safe. Only for requests that are about to be refused: whoever shows a good token is never asked, so that what
/// others send from his address does not keep him out.
class FailedLogIns {
 public:
  struct Options {
    std::size_t per_minute_max = 300;  // from one IPv4 address or IPv6 /64; 0: any number
    std::function<void(LogInFailure)> count = [](LogInFailure) {};
    std::function<void(const FailedLogInReport&)> report = [](const FailedLogInReport&) {};  // once a minute and cause
  };
  using Time = std::chrono::steady_clock::time_point;

  explicit FailedLogIns(Options options);

  /// 429 when `address` has failed too often. Ask it about a token that is not known in memory, before anybody looks
  /// the token up elsewhere.
  std::optional<Response> too_many(const std::string& address, Time now = std::chrono::steady_clock::now());

  /// Notes a refusal.
  void note(const std::string& address, LogInFailure cause, Time now = std::chrono::steady_clock::now());

  /// Reports what was noted more than a minute after the last report of its cause. To be called now and then, so that
  /// the end of a series is reported too.
  void report_rest(Time now = std::chrono::steady_clock::now());

 private:
  void tell(const std::string& address, LogInFailure cause, Time now);

  static constexpr std::size_t causes = 4;
  struct Unreported {
    std::size_t count = 0;
    std::string address;  // of the last one
    std::optional<Time> reported_at;
  };

  void report_due(LogInFailure cause, Time now);

  const Options options_;
  RateLimit addresses_;
  std::mutex mutex_;
  std::array<Unreported, causes> unreported_;  // guarded by mutex_
};

}  // namespace packwalk
