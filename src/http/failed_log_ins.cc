#include "http/failed_log_ins.h"

#include <utility>

#include "http/connection_seats.h"
#include "http/problem.h"

namespace packwalk {
namespace {

constexpr double seconds_per_minute = 60;
constexpr int wait_seconds = 30;

}  // namespace

std::string_view name_of(LogInFailure cause) {
  switch (cause) {
    case LogInFailure::no_token:
      return "no_token";
    case LogInFailure::unknown_token:
      return "unknown_token";
    case LogInFailure::forbidden:
      return "forbidden";
    case LogInFailure::too_many:
      break;
  }
  return "too_many";
}

FailedLogIns::FailedLogIns(Options options)
    : options_(std::move(options)),
      addresses_({.burst = static_cast<double>(options_.per_minute_max),
                  .per_second = static_cast<double>(options_.per_minute_max) / seconds_per_minute}) {}

std::optional<Response> FailedLogIns::too_many(const std::string& address, std::string_view door, Time now) {
  if (options_.per_minute_max == 0 || addresses_.has_some(address_key(address), now)) {
    return std::nullopt;
  }
  options_.refused(door, LogInFailure::too_many, address);
  return try_again(Problem::too_many_log_ins,
                   "Too many requests with unknown tokens came from this address. Check the token, then try again.",
                   wait_seconds);
}

void FailedLogIns::note(const std::string& address, std::string_view door, LogInFailure cause, Time now) {
  if (options_.per_minute_max > 0) static_cast<void>(addresses_.take(address_key(address), now));
  options_.refused(door, cause, address);
}

}  // namespace packwalk
