// The serialised form of an upload in a persistent or remote queue.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/packet/upload.h"

namespace packwalk {

/// i64 device, i64 received_at in microseconds, u8 transport, u32 bytes of `unreadable`, that, the body; numbers
/// little-endian. It does not contain the messages: the reader decodes the body again.
std::string record_of(const Upload& upload);

/// An upload without messages, marked as redelivered. Empty if the bytes are not a record.
std::optional<Upload> upload_from_record(std::string_view record);

}  // namespace packwalk
