// The GeoJSON batches of the Overland app (docs/formats.md).
#pragma once

#include <string_view>

#include "core/packet/decoded_body.h"
#include "core/phone/phone_fix.h"

namespace packwalk {

/// A message for each Feature of `locations`: a track packet, a Flaw, or a Heartbeat of what is not a fix: a Feature
/// without a place, or an event of the app (`properties.action`: a visit, say), which repeats an old one. An empty
/// `locations` is one Heartbeat for the whole body. The Feature `current` is a message too where it is a fix that is
/// later than all those.
DecodedBody decode_overland(std::string_view body, const PhoneRules& rules);

}  // namespace packwalk
