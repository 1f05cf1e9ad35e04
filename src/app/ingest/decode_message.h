// Decodes bytes of a device: a body on arrival, or one kept message.
#pragma once

#include <string_view>
#include <vector>

#include "core/packet/message.h"
#include "core/phone/phone_fix.h"

namespace packwalk {

/// The beginning of the reason of a message that holds a complete unreadable body.
inline constexpr std::string_view unreadable_reason = "cannot be read: ";

DecodedBody decode_body(Transport transport, std::string_view body, const PhoneRules& rules);

/// All possible readings of one kept message, at least one: if the bytes may be an element of a body or a whole body,
/// both. The rules are those of its arrival; `packets_max` does not apply. Not for a message whose reason begins with
/// `unreadable_reason`: it has no reading.
std::vector<Content> decode_message(Transport transport, std::string_view original, const PhoneRules& rules);

}  // namespace packwalk
