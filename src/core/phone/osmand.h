// What Traccar Client and others of the OsmAnd protocol send (docs/formats.md): a query, a form or JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/packet/decoded_body.h"
#include "core/phone/phone_fix.h"

namespace packwalk {

/// Whether a query or form names a place, or has a `name=value` whose name the protocol knows and none whose name no
/// client has: that could be a position in another form. A token may have any name.
bool is_osmand_form(std::string_view form);
/// Whether one of them is the name of a place.
bool has_osmand_position(std::string_view form);
/// The `device_id` of a JSON body. It may be a device's token: never log it.
std::optional<std::string> osmand_json_identifier(std::string_view body);

/// A query string (without its question mark) or a form: one message. An empty value counts as none. Of repeated names
/// the last one counts, but a place or a time that is given twice with two values is a Flaw: two fixes may be mixed.
/// `latitude`, `longitude` and `time` stand in for `lat`, `lon` and `timestamp`. Without a place
/// it is a Heartbeat; without one `name=value` it is unreadable.
DecodedBody decode_osmand_form(std::string_view form, const PhoneRules& rules);

/// One message, or one for each element of `location` where that is an array. Without a place it is a Heartbeat; a body
/// that is no object, or with nothing in it that the protocol knows, is unreadable.
DecodedBody decode_osmand_json(std::string_view body, const PhoneRules& rules);

}  // namespace packwalk
