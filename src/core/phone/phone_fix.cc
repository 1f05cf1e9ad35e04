#include "core/phone/phone_fix.h"

#include <array>
#include <cmath>
#include <span>
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
constexpr double year_seconds = 366 * day_seconds;
constexpr int weeks_of_two_rounds = 2048;

double seconds_of(ServerTime time) {
  return static_cast<double>(seconds_since_1970(std::chrono::floor<std::chrono::seconds>(time)));
}

/// A phone's time, put right.
struct RightTime {
  double seconds = 0;
  int weeks_added = 0;
};

bool is_live(double seconds, const PhoneRules& rules) {
  return std::abs(seconds - seconds_of(rules.received_at)) <= live_seconds;
}

/// The one of all readings of `seconds` that says now. No two of them are within two hours of each other.
std::optional<RightTime> live_reading(double seconds, bool may_count_from_2001, const PhoneRules& rules) {
  constexpr std::array<int, 3> lost_perhaps{0, 1024, 2048};
  std::span<const int> lost(lost_perhaps.data(), rules.mends_week_rollover ? lost_perhaps.size() : 1);
  if (rules.weeks_added > 0) lost = {&rules.weeks_added, 1};
  for (const double epoch : {0.0, seconds_to_2001}) {
    if (epoch > 0 && !may_count_from_2001) continue;
    for (const int weeks : lost) {
      const double right = seconds + epoch + weeks * seconds_of_week;
      if (is_live(right, rules)) return RightTime{right, weeks};
    }
  }
  return std::nullopt;
}

RightTime right_time(double seconds, bool may_count_from_2001, const PhoneRules& rules) {
  if (const auto live = live_reading(seconds, may_count_from_2001, rules)) return *live;
  const bool from_2001 =
      may_count_from_2001 && seconds + seconds_to_2001 <= seconds_of(rules.received_at) + day_seconds;
  const double epoch = from_2001 ? seconds_to_2001 : 0;
  return {seconds + epoch + rules.weeks_added * seconds_of_week, rules.weeks_added};
}

/// Not live, and from 2001 on it is years old; from 1970 on it would be of the last year, had its receiver not lost
/// weeks.
bool is_ambiguous(double seconds, bool may_count_from_2001, const PhoneRules& rules) {
  if (!may_count_from_2001 || rules.decode.decoders != Decoders::now) return false;
  const double with_weeks = seconds + weeks_of_two_rounds * seconds_of_week;
  const double now = seconds_of(rules.received_at);
  return !live_reading(seconds, true, rules) && with_weeks > now - year_seconds && with_weeks <= now + day_seconds;
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
  const std::optional<double> seconds = phone_seconds(fix.timestamp.value);
  if (!seconds) return Flaw{std::string(fix.timestamp.name), "is not a time"};
  const std::optional<double> latitude = number_of(fix.latitude.value);
  if (!latitude) return Flaw{std::string(fix.latitude.name), "is not a number"};
  const std::optional<double> longitude = number_of(fix.longitude.value);
  if (!longitude) return Flaw{std::string(fix.longitude.name), "is not a number"};
  if (is_ambiguous(*seconds, fix.may_count_from_2001, rules)) {
    return Flaw{std::string(fix.timestamp.name), "is of two times: it counts from 2001, or 2048 weeks are lost"};
  }
  const RightTime time = right_time(*seconds, fix.may_count_from_2001, rules);
  const MaybeMeters accuracy = finite(number_of(fix.accuracy));
  Content content = checked(RawTrack{.status = static_cast<double>(rules.phone_status),
                                     .seconds = time.seconds,
                                     .latitude = *latitude,
                                     .longitude = *longitude,
                                     .altitude = finite(number_of(fix.altitude)),
                                     .accuracy = accuracy.value_or(0) > 0 ? accuracy : MaybeMeters()},
                            rules.decode.believed);
  if (auto* track = std::get_if<TrackPacket>(&content))
    track->weeks_added = static_cast<std::uint16_t>(time.weeks_added);
  return content;
}

DecodedBody one_message(std::string_view body, Content content, const PhoneRules& rules) {
  DecodedBody decoded;
  decoded.too_many = rules.decode.packets_max == 0;
  if (!decoded.too_many) decoded.messages.push_back({0, body.size(), std::move(content)});
  return decoded;
}

}  // namespace packwalk
