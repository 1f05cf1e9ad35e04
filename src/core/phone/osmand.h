// The OsmAnd protocol of Traccar Client and others (docs/formats.md): a query, a form or JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/packet/decoded_body.h"
#include "core/phone/phone_fix.h"

namespace packwalk {

/// Whether a query or form has the name of a position, or a `name=value` with a name of the protocol and no unknown
/// name, which could be a position in another format. A token may have any name.
bool is_osmand_form(std::string_view form);
/// Whether one of the names is that of a position.
bool has_osmand_position(std::string_view form);
/// The `device_id` of a JSON body. It may be a device's token: never log it.
std::optional<std::string> osmand_json_identifier(std::string_view body);

/// A query string (without its question mark) or a form: one message. An empty value counts as missing. The last of
/// repeated names counts, but a position or a time with two different values is a Flaw: two fixes may be mixed.
/// `latitude`, `longitude` and `time` replace missing `lat`, `lon` and `timestamp`. Without a position it is a
/// Heartbeat; without any `name=value` it is unreadable.
DecodedBody decode_osmand_form(std::string_view form, const PhoneRules& rules);

/// One message, or one per element of `location` if that is an array. Without a position it is a Heartbeat. A body that
/// is not an object, or has no name of the protocol, is unreadable.
DecodedBody decode_osmand_json(std::string_view body, const PhoneRules& rules);

}  // namespace packwalk
