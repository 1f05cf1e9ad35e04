#include "http/failed_log_ins.h"

#include <utility>

#include "http/connection_seats.h"
#include "http/problem.h"

namespace packwalk {
namespace {

constexpr std::chrono::minutes report_interval{1};
constexpr double seconds_per_minute = 60;
constexpr int wait_seconds = 30;

}  // namespace

std::string_view name_of(LogInFailure cause) {
  switch (cause) {
    case LogInFailure::no_token:
      return "no_token";
    case LogInFailure::unknown_token:
      return "unknown_token";
    case LogInFailure::no_admin:
      return "no_admin";
    case LogInFailure::too_many:
      break;
  }
  return "too_many";
}

FailedLogIns::FailedLogIns(Options options)
    : options_(std::move(options)),
      addresses_({.burst = static_cast<double>(options_.per_minute_max),
                  .per_second = static_cast<double>(options_.per_minute_max) / seconds_per_minute}) {}

std::optional<Response> FailedLogIns::too_many(const std::string& address, Time now) {
  if (options_.per_minute_max == 0 || addresses_.has_some(address_key(address), now)) {
    return std::nullopt;
  }
  tell(address, LogInFailure::too_many, now);
  Response response =
      problem(429, "Too many requests with unknown tokens came from this address. Check the token, then try again.");
  response.headers.emplace_back("Retry-After", std::to_string(wait_seconds));
  return response;
}

void FailedLogIns::note(const std::string& address, LogInFailure cause, Time now) {
  if (options_.per_minute_max > 0) static_cast<void>(addresses_.take(address_key(address), now));
  tell(address, cause, now);
}

void FailedLogIns::tell(const std::string& address, LogInFailure cause, Time now) {
  options_.count(cause);
  {
    const std::lock_guard lock(mutex_);
    Unreported& unreported = unreported_.at(static_cast<std::size_t>(cause));
    ++unreported.count;
    unreported.address = address;
  }
  report_due(cause, now);
}

void FailedLogIns::report_rest(Time now) {
  for (std::size_t cause = 0; cause < causes; ++cause) report_due(static_cast<LogInFailure>(cause), now);
}

void FailedLogIns::report_due(LogInFailure cause, Time now) {
  std::size_t count = 0;
  std::string address;
  {
    const std::lock_guard lock(mutex_);
    Unreported& unreported = unreported_.at(static_cast<std::size_t>(cause));
    if (unreported.count == 0) return;
    if (unreported.reported_at && now - *unreported.reported_at < report_interval) return;
    unreported.reported_at = now;
    count = std::exchange(unreported.count, 0);
    address = std::exchange(unreported.address, {});
  }
  options_.report({.cause = cause, .address = address, .count = count});
}

}  // namespace packwalk
