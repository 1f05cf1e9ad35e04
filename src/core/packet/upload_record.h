// The bytes of an upload in a queue that outlives a process or crosses a wire.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/packet/upload.h"

namespace packwalk {

/// i64 device, i64 received_at in microseconds, u8 transport, u32 bytes of `unreadable`, that, the body; numbers
/// little-endian. The messages are not in it: whoever reads it decodes anew.
std::string record_of(const Upload& upload);

/// Without messages, and redelivered. Nothing when the bytes are no record.
std::optional<Upload> upload_from_record(std::string_view record);

}  // namespace packwalk
