// Many uploads in one message of the queue: for a broker, a message costs about the same at any size.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ports/packet_queue.h"

namespace packwalk::rabbitmq {

inline constexpr std::string_view pack_type = "application/x-packwalk-deliveries";

/// u32 bytes of a record, the record (core/packet/upload_record.h), and so on.
void append_to_pack(std::string& pack, const Upload& upload);

/// Empty if it is not a pack, or an empty one.
std::optional<std::vector<Upload>> uploads_from_pack(std::string_view pack);

}  // namespace packwalk::rabbitmq
