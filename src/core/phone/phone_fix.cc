#include "core/phone/phone_fix.h"

#include <cmath>
#include <string>
#include <utility>

#include "base/text.h"
#include "base/time_text.h"
#include "base/typed_text.h"
#include "core/packet/json_mend.h"

namespace packwalk {
namespace {

std::optional<Flaw> flaw_of_missing(const Named& field) {
  if (!field.value.given()) return Flaw{std::string(field.name), "is missing"};
  return std::nullopt;
}

constexpr double seconds_of_week = 7 * 86'400;
constexpr double live_seconds = 3'600;
constexpr double day_seconds = 86'400;

double seconds_of(ServerTime time) {
  return static_cast<double>(seconds_since_1970(std::chrono::floor<std::chrono::seconds>(time)));
}

/// How many weeks a receiver has lost that says `seconds` now; 0 when it did not.
int weeks_lost(double seconds, ServerTime received_at) {
  for (const int weeks : {1024, 2048}) {
    if (std::abs(seconds + weeks * seconds_of_week - seconds_of(received_at)) <= live_seconds) return weeks;
  }
  return 0;
}

MaybeMeters finite(std::optional<double> meters) {
  return meters && std::isfinite(*meters) ? MaybeMeters(*meters) : MaybeMeters();
}

}  // namespace

std::optional<double> number_of(const JsonValue& value) {
  if (value.kind == JsonValue::Kind::number) return value.number;
  if (value.kind != JsonValue::Kind::text) return std::nullopt;
  const std::string plain = with_ascii_digits(value.text);
  std::string_view text = trimmed(plain);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  return double_from(text);
}

std::optional<double> phone_seconds(const JsonValue& value) {
  std::optional<DeviceTime> time;
  if (value.kind == JsonValue::Kind::number) time = time_from_number(value.number);
  if (value.kind == JsonValue::Kind::text) time = time_from_text(with_ascii_digits(value.text));
  if (!time) return std::nullopt;
  return static_cast<double>(seconds_since_1970(*time));
}

Content judged(const PhoneFix& fix, const PhoneRules& rules) {
  for (const Named& field : {fix.timestamp, fix.latitude, fix.longitude}) {
    if (auto flaw = flaw_of_missing(field)) return *std::move(flaw);
  }
  std::optional<double> seconds = phone_seconds(fix.timestamp.value);
  if (!seconds) return Flaw{std::string(fix.timestamp.name), "is not a time"};
  const std::optional<double> latitude = number_of(fix.latitude.value);
  if (!latitude) return Flaw{std::string(fix.latitude.name), "is not a number"};
  const std::optional<double> longitude = number_of(fix.longitude.value);
  if (!longitude) return Flaw{std::string(fix.longitude.name), "is not a number"};
  if (fix.may_count_from_2001 && *seconds + seconds_to_2001 <= seconds_of(rules.received_at) + day_seconds) {
    *seconds += seconds_to_2001;
  }
  const int weeks = rules.mends_week_rollover ? weeks_lost(*seconds, rules.received_at) : rules.weeks_added;
  const MaybeMeters accuracy = finite(number_of(fix.accuracy));
  Content content = checked(RawTrack{.status = static_cast<double>(rules.phone_status),
                                     .seconds = *seconds + weeks * seconds_of_week,
                                     .latitude = *latitude,
                                     .longitude = *longitude,
                                     .altitude = finite(number_of(fix.altitude)),
                                     .accuracy = accuracy.value_or(0) > 0 ? accuracy : MaybeMeters()},
                            rules.decode.believed);
  if (auto* track = std::get_if<TrackPacket>(&content)) track->weeks_added = static_cast<std::uint16_t>(weeks);
  return content;
}

DecodedBody one_message(std::string_view body, Content content, const PhoneRules& rules) {
  DecodedBody decoded;
  decoded.too_many = rules.decode.packets_max == 0;
  if (!decoded.too_many) decoded.messages.push_back({0, body.size(), std::move(content)});
  return decoded;
}

}  // namespace packwalk
