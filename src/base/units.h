// Times and lengths that cannot be mixed up.
#pragma once

#include <chrono>
#include <cmath>
#include <limits>
#include <optional>

namespace packwalk {

/// Device time: whole seconds, UTC.
using DeviceTime = std::chrono::sys_seconds;
/// Server time: microseconds, UTC.
using ServerTime = std::chrono::sys_time<std::chrono::microseconds>;

constexpr DeviceTime device_time(std::int64_t seconds_since_1970) {
  return DeviceTime(std::chrono::seconds(seconds_since_1970));
}
constexpr std::int64_t seconds_since_1970(DeviceTime time) { return time.time_since_epoch().count(); }
constexpr ServerTime server_time(std::int64_t microseconds_since_1970) {
  return ServerTime(std::chrono::microseconds(microseconds_since_1970));
}
constexpr std::int64_t microseconds_since_1970(ServerTime time) { return time.time_since_epoch().count(); }

/// Metres that may be unknown, in the eight bytes of a double.
class MaybeMeters {
 public:
  constexpr MaybeMeters() = default;
  /// `meters` must be finite.
  constexpr MaybeMeters(double meters) : meters_(meters) {}  // NOLINT(google-explicit-constructor)

  bool known() const { return !std::isnan(meters_); }
  double value_or(double other) const { return known() ? meters_ : other; }

  friend bool operator==(MaybeMeters a, MaybeMeters b) { return a.meters_ == b.meters_ || (!a.known() && !b.known()); }

 private:
  double meters_ = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace packwalk
