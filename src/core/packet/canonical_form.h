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
/// zero) and clamped to its type, coordinates to 1e-7 degree and then to float, longitude -180 as 180; an unknown
/// altitude or accuracy is 0.
std::string canonical_form(const TrackPacket& packet);
std::string canonical_form(const ActivityPacket& packet);

/// XXH3 (64 bits, seed 0) of `bytes`.
ContentHash hash_of_bytes(std::string_view bytes);

ContentHash hash_of(const TrackPacket& packet);
/// Of the canonical form of a packet; of a message without one, of its original bytes.
ContentHash hash_of(const Content& content, std::string_view original);

/// The former hash_of(), with coordinates rounded only to float. Stored messages and fixes still have it
/// (docs/decisions/hashes.md).
ContentHash first_hash_of(const TrackPacket& packet);
ContentHash first_hash_of(const Content& content, std::string_view original);

}  // namespace packwalk
