// The JSON form of packets (docs/formats.md): an object, an array of objects, or one object a line (NDJSON).
#pragma once

#include <string>
#include <string_view>

#include "core/packet/decoded_body.h"

namespace packwalk {

/// An object or an array of them. A text that is not JSON (RFC 8259, at most 16 levels deep) is unreadable as a whole,
/// as nobody can say where its packets end; one value that is not JSON concerns its packet alone (json_elements.h). An
/// altitude or accuracy that cannot be read is unknown. Unknown fields are ignored; `status` missing is 0.
DecodedBody decode_json(std::string_view body, const DecodeRules& rules);

/// A packet a line; blank lines are skipped. A line that cannot be read is one message with a Flaw; the body is
/// unreadable when that is so of every line.
DecodedBody decode_ndjson(std::string_view body, const DecodeRules& rules);

/// The object that decode_json reads back as the same packet.
std::string encode_json(const TrackPacket& packet);
std::string encode_json(const ActivityPacket& packet);

}  // namespace packwalk
