// What the two dialects of the OsmAnd protocol, forms and JSON, have in common: the values that tell a fix.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/packet/json_elements.h"
#include "core/phone/fix_names.h"
#include "core/phone/phone_fix.h"

namespace packwalk::osmand {

/// Which of the values of a message is which. The first five tell a fix, in every dialect; each dialect has more after
/// these.
enum Part : std::size_t { timestamp, lat, lon, altitude, accuracy, location, push_token, fix_parts = location };
static_assert(fix_parts == fix_part_count && static_cast<std::size_t>(FixPart::accuracy) == accuracy);

/// Names of what tells whose a message is.
inline constexpr std::array<std::string_view, 8> identifier_names = {"device_id",    "deviceid", "id",     "token",
                                                                     "access_token", "api_key",  "apikey", "key"};

JsonValue text_value(std::string text);

/// `location=lat,lon` as both.
std::optional<Flaw> split_location(std::span<JsonValue> values);

/// Without a position it is a Heartbeat; one that is given twice is a Flaw.
Content fix_or_heartbeat(std::span<const JsonValue> values, const PhoneRules& rules);

/// Whether a client says that it does not trust its position.
bool is_false(const JsonValue& value);
Flaw untrusted();

/// Of a body that tells nothing.
DecodedBody unreadable(std::string reason);

}  // namespace packwalk::osmand
