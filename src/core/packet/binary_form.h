// The collars' own binary form (docs/formats.md): records one after another, little-endian, packed.
#pragma once

#include <string>
#include <string_view>

#include "core/packet/decoded_body.h"

namespace packwalk {

/// Kinds 0x01, 0x02 and 0x11. Bytes that are no whole record end the reading, as the next one cannot be found: they
/// are one message with a Flaw, or, when nothing came before them, an unreadable body. So is an empty one.
DecodedBody decode_binary(std::string_view body, const DecodeRules& rules);

/// Records for collars and tests, as precise as the kind allows.
std::string encode_binary(const TrackPacket& packet);
std::string encode_binary(const ActivityPacket& packet);
std::string encode_wide(const TrackPacket& packet);

}  // namespace packwalk
