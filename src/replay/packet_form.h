// Recorded positions as a collar sends them, in any form that POST /v1/packets takes.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/packet/packet.h"

namespace packwalk::replay {

enum class PacketForm { json, ndjson, binary, wide };

/// "json", "ndjson", "binary", "wide".
std::optional<PacketForm> packet_form_from(std::string_view name);

std::string_view media_type_of(PacketForm form);

/// The body of a request. Nothing is judged: what is out of range goes as it is, or, in a binary form, as near to it
/// as its field can say.
std::string body_of(PacketForm form, std::span<const RawTrack> packets);

}  // namespace packwalk::replay
