#include "core/packet/packet.h"

#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "base/time_text.h"

namespace packwalk {
namespace {

constexpr std::array activity_names = {
    std::pair{Activity::sleep, std::string_view("sleep")}, std::pair{Activity::walk, std::string_view("walk")},
    std::pair{Activity::gallop, std::string_view("gallop")}, std::pair{Activity::trot, std::string_view("trot")},
    std::pair{Activity::steps_not_measured, std::string_view("steps_not_measured")}};

/// From 1973 to 5138.
bool may_be_milliseconds(double number) { return number >= 1e11 && number < 1e14; }

std::optional<Flaw> flaw_of_header(double status, double seconds, const TimeWindow& believed) {
  if (!(status >= 0 && status <= 255) || status != std::floor(status)) {
    return Flaw{"status", "is not a whole number from 0 to 255"};
  }
  if (!std::isfinite(seconds)) return Flaw{"timestamp", "is not a number"};
  const double whole = std::floor(seconds);
  if (whole < static_cast<double>(seconds_since_1970(believed.earliest))) {
    std::string reason(reason_too_early);
    reason.append(believed.earliest_key).append(" (").append(iso_text(believed.earliest)).append(")");
    return Flaw{"timestamp", std::move(reason)};
  }
  if (whole > static_cast<double>(seconds_since_1970(believed.latest)) ||
      whole > static_cast<double>(std::numeric_limits<std::int32_t>::max())) {
    return Flaw{"timestamp",
                std::string(reason_in_future) + (may_be_milliseconds(whole) ? "; give seconds, not milliseconds" : "")};
  }
  return std::nullopt;
}

DeviceTime whole_seconds(double seconds) { return device_time(static_cast<std::int64_t>(std::floor(seconds))); }

}  // namespace

std::string_view name_of(Family family) {
  switch (family) {
    case Family::track:
      return "track";
    case Family::activity:
      return "activity";
  }
  return "";
}

std::optional<Family> family_of(const Content& content) {
  return std::visit(
      []<class Part>(const Part&) -> std::optional<Family> {
        if constexpr (AnyPacket<Part>) return Part::family;
        return std::nullopt;
      },
      content);
}

std::optional<Activity> activity_from_number(double number) {
  for (const auto& [activity, name] : activity_names) {
    if (number == static_cast<double>(activity)) return activity;
  }
  return std::nullopt;
}

std::optional<Activity> activity_from_name(std::string_view name) {
  for (const auto& [activity, known] : activity_names) {
    if (name == known) return activity;
  }
  return std::nullopt;
}

std::string_view name_of(Activity activity) {
  for (const auto& [known, name] : activity_names) {
    if (activity == known) return name;
  }
  return "";
}

Content checked(const RawTrack& raw, const TimeWindow& believed) {
  if (auto flaw = flaw_of_header(raw.status, raw.seconds, believed)) return *std::move(flaw);
  if (!LatLon::latitude_is_valid(raw.latitude)) return Flaw{"lat", "is not between -90 and 90"};
  if (!LatLon::longitude_is_valid(raw.longitude)) return Flaw{"lon", "is not between -180 and 180"};
  if (raw.latitude == 0 && raw.longitude == 0) return Flaw{"lat", "and lon are both exactly 0: no position"};
  const double accuracy = raw.accuracy.value_or(-1);
  return TrackPacket{
      .status = static_cast<std::uint8_t>(raw.status),
      .timestamp = whole_seconds(raw.seconds),
      .position = *LatLon::from_degrees(raw.latitude, raw.longitude),
      .altitude = std::isfinite(raw.altitude.value_or(0)) ? raw.altitude : MaybeMeters(),
      .accuracy = accuracy >= 0 && std::isfinite(accuracy) ? raw.accuracy : MaybeMeters(),
  };
}

Content checked(const RawActivity& raw, const TimeWindow& believed) {
  if (auto flaw = flaw_of_header(raw.status, raw.seconds, believed)) return *std::move(flaw);
  if (!raw.activity) return Flaw{"activity", "is none of sleep, walk, gallop, trot, steps_not_measured"};
  if (!(raw.steps >= 0 && raw.steps <= std::numeric_limits<std::int32_t>::max()) ||
      raw.steps != std::floor(raw.steps)) {
    return Flaw{"steps", "is not a whole number from 0 to 2147483647"};
  }
  return ActivityPacket{
      .status = static_cast<std::uint8_t>(raw.status),
      .timestamp = whole_seconds(raw.seconds),
      .activity = *raw.activity,
      .steps = static_cast<std::int32_t>(raw.steps),
  };
}

}  // namespace packwalk
