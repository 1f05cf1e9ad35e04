// The GeoJSON batches of the Overland app (docs/formats.md).
#pragma once

#include <string_view>

#include "core/packet/decoded_body.h"
#include "core/phone/phone_fix.h"

namespace packwalk {

/// A message for each Feature of `locations`: a track packet, a Flaw, or a Heartbeat if it is not a fix: a Feature
/// without a position, or an event of the app (`properties.action`, such as a visit), which repeats an old fix. An
/// empty `locations` is one Heartbeat for the whole body. The Feature `current` is a message too if it is a fix later
/// than all those.
DecodedBody decode_overland(std::string_view body, const PhoneRules& rules);

}  // namespace packwalk
