// The JSON form of packets (docs/formats.md): an object, an array of objects, or one object a line (NDJSON).
#pragma once

#include <string>
#include <string_view>

#include "core/packet/decoded_body.h"

namespace packwalk {

/// An object or an array of them. A text that is not JSON (RFC 8259, at most 16 levels deep) is unreadable as a whole,
/// because the ends of its packets are unknown; a value that is not JSON concerns only its packet (json_elements.h). An
/// unreadable altitude or accuracy is unknown. Unknown fields are ignored. A missing `status` is 0.
DecodedBody decode_json(std::string_view body, const DecodeRules& rules);

/// One packet per line; blank lines are skipped. An unreadable line is one message with a Flaw. If every line is
/// unreadable, the body is.
DecodedBody decode_ndjson(std::string_view body, const DecodeRules& rules);

/// The object that decode_json reads back as the same packet.
std::string encode_json(const TrackPacket& packet);
std::string encode_json(const ActivityPacket& packet);

}  // namespace packwalk
