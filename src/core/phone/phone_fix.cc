#include "core/phone/phone_fix.h"

#include <cmath>
#include <string>
#include <utility>

#include "base/text.h"
#include "base/time_text.h"
#include "core/packet/json_mend.h"

namespace packwalk {
namespace {

std::optional<Flaw> flaw_of_missing(const Named& field) {
  if (!field.value.given()) return Flaw{std::string(field.name), "is missing"};
  return std::nullopt;
}

MaybeMeters finite(std::optional<double> meters) {
  return meters && std::isfinite(*meters) ? MaybeMeters(*meters) : MaybeMeters();
}

}  // namespace

std::optional<double> number_of(const JsonValue& value) {
  if (value.kind == JsonValue::Kind::number) return value.number;
  if (value.kind != JsonValue::Kind::text) return std::nullopt;
  std::string_view text = trimmed(value.text);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  return double_from(text);
}

std::optional<double> phone_seconds(const JsonValue& value) {
  std::optional<DeviceTime> time;
  if (value.kind == JsonValue::Kind::number) time = time_from_number(value.number);
  if (value.kind == JsonValue::Kind::text) time = time_from_text(value.text);
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
  const MaybeMeters accuracy = finite(number_of(fix.accuracy));
  return checked(RawTrack{.status = static_cast<double>(rules.phone_status),
                          .seconds = *seconds,
                          .latitude = *latitude,
                          .longitude = *longitude,
                          .altitude = finite(number_of(fix.altitude)),
                          .accuracy = accuracy.value_or(0) > 0 ? accuracy : MaybeMeters()},
                 rules.decode.believed);
}

DecodedBody one_message(std::string_view body, Content content, const PhoneRules& rules) {
  DecodedBody decoded;
  decoded.too_many = rules.decode.packets_max == 0;
  if (!decoded.too_many) decoded.messages.push_back({0, body.size(), std::move(content)});
  return decoded;
}

}  // namespace packwalk
