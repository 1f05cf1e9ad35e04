// The collars' own binary form (docs/formats.md): records one after another, little-endian, packed.
#pragma once

#include <string>
#include <string_view>

#include "core/packet/decoded_body.h"

namespace packwalk {

/// Kinds 0x01, 0x02 and 0x11. An incomplete or unknown record ends the reading, because the next one cannot be found:
/// its bytes are one message with a Flaw or, if no record precedes it, the body is unreadable. An empty body is
/// unreadable too.
DecodedBody decode_binary(std::string_view body, const DecodeRules& rules);

/// Records for collars and tests, as precise as the kind allows.
std::string encode_binary(const TrackPacket& packet);
std::string encode_binary(const ActivityPacket& packet);
std::string encode_wide(const TrackPacket& packet);

}  // namespace packwalk
