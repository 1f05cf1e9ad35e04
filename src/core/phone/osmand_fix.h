// The values of a fix, for both dialects of the OsmAnd protocol: forms and JSON.
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

/// The indexes of a message's values. The first five are a fix in every dialect; each dialect has more after them.
enum Part : std::size_t { timestamp, lat, lon, altitude, accuracy, location, push_token, fix_parts = location };
static_assert(fix_parts == fix_part_count && static_cast<std::size_t>(FixPart::accuracy) == accuracy);

/// The names that identify the device of a message.
inline constexpr std::array<std::string_view, 8> identifier_names = {"device_id",    "deviceid", "id",     "token",
                                                                     "access_token", "api_key",  "apikey", "key"};

JsonValue text_value(std::string text);

/// `location=lat,lon` as both.
std::optional<Flaw> split_location(std::span<JsonValue> values);

/// Without a position it is a Heartbeat; with two positions it is a Flaw.
Content fix_or_heartbeat(std::span<const JsonValue> values, const PhoneRules& rules);

/// Whether a client marks its position as not valid.
bool is_false(const JsonValue& value);
Flaw untrusted();

/// For a body without content.
DecodedBody unreadable(std::string reason);

}  // namespace packwalk::osmand
