// What bytes of a device say: a body as it arrives, or one message as it was kept.
#pragma once

#include <string_view>
#include <vector>

#include "core/packet/message.h"
#include "core/phone/phone_fix.h"

namespace packwalk {

/// What the reason of a message begins with that holds a whole body which could not be read.
inline constexpr std::string_view unreadable_reason = "cannot be read: ";

DecodedBody decode_body(Transport transport, std::string_view body, const PhoneRules& rules);

/// All that one kept message may have said, at least one: where the bytes alone do not tell whether they were an
/// element of a body or the whole of one, it is both. The rules are those of its arrival; `packets_max` does not count.
/// Not for a message whose reason begins with `unreadable_reason`: of that, nothing can be said.
std::vector<Content> decode_message(Transport transport, std::string_view original, const PhoneRules& rules);

}  // namespace packwalk
