// The form of a packet by which two messages are compared, and its hash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/packet/packet.h"

namespace packwalk {

using ContentHash = std::uint64_t;

/// The packet as a plain binary record (kind 0x01 or 0x02): each value rounded to the nearest (halves away from
/// zero) and clamped to its type, coordinates to float; an unknown altitude or accuracy is 0.
std::string canonical_form(const TrackPacket& packet);
std::string canonical_form(const ActivityPacket& packet);

/// XXH3 (64 bits, seed 0) of `bytes`.
ContentHash hash_of_bytes(std::string_view bytes);

/// Of the canonical form of a packet; of a message without one, of its original bytes.
ContentHash hash_of(const Content& content, std::string_view original);

}  // namespace packwalk
