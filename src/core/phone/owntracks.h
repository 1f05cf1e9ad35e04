// The JSON of the OwnTracks apps in HTTP mode (docs/formats.md).
#pragma once

#include <string_view>

#include "core/packet/decoded_body.h"
#include "core/phone/phone_fix.h"

namespace packwalk {

/// An object or an array of them, one message each: a `location` is a track packet or a Flaw, an `encrypted` one a
/// Flaw, another `_type` of the apps a Heartbeat, and any other a Flaw. An empty body, which the app sends after a
/// friend was deleted, is a Heartbeat.
DecodedBody decode_owntracks(std::string_view body, const PhoneRules& rules);

/// The same of the Overland app in its OwnTracks mode, which counts `tst` from 2001: a time that would then be in the
/// future counts from 1970.
DecodedBody decode_owntracks_of_overland(std::string_view body, const PhoneRules& rules);

}  // namespace packwalk
