// Shared by the decoders of phone apps: reading numbers and times, and validating a fix.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/packet/decoded_body.h"
#include "core/packet/json_elements.h"

namespace packwalk {

/// The rules that the decoders get besides the bytes.
struct PhoneRules {
  DecodeRules decode;
  std::uint8_t phone_status = 0;  // the status of every packet from a phone
  ServerTime received_at{};       // the time of a fix without a time, for clients that may omit it
  /// GPS receivers count weeks modulo 1,024, and some lose the number of rollovers. With this rule, 1,024 or 2,048
  /// weeks are added to a time if the result is within an hour of `received_at`.
  bool mends_week_rollover = false;
  int weeks_added = 0;  // to every time, whatever it is: of a message that is read again
};

/// A number, or a text with one: apps and scripts write both. Spaces around it, a plus, and the script of its digits do
/// not matter.
std::optional<double> number_of(const JsonValue& value);

/// Whole seconds since 1970, of a number or text that base/time_text reads.
std::optional<double> phone_seconds(const JsonValue& value);

/// The values of a fix; `name` is the client's spelling of a field.
struct Named {
  std::string_view name;
  const JsonValue& value;
};
struct PhoneFix {
  Named timestamp;
  Named latitude;
  Named longitude;
  const JsonValue& altitude;
  const JsonValue& accuracy;
  /// A time may count from 2001: it does if that is not in the future. Where weeks may be lost beside that, it is what
  /// brings it within an hour of `received_at`; and it is invalid where 2,048 lost weeks would make another time of the
  /// last year of it, as nobody can say which one it is.
  bool may_count_from_2001 = false;
};

/// What some clients count their seconds from.
inline constexpr double seconds_to_2001 = 978'307'200;

/// A TrackPacket or a Flaw. An altitude that is no number is unknown; so is an accuracy, or one that is not above 0.
Content judged(const PhoneFix& fix, const PhoneRules& rules);

/// The whole of `body` as one message.
DecodedBody one_message(std::string_view body, Content content, const PhoneRules& rules);

}  // namespace packwalk
