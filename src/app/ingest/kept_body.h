// Keeps a bounded part of a body with invalid packets, and the size and hash of the rest.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ports/packet_queue.h"

namespace packwalk {

/// Greatest number of bytes to keep of an unreadable body, or of all invalid packets of a readable one.
inline constexpr std::size_t kept_bytes_max = std::size_t{64} * 1024;
/// Greatest number of invalid packets of one body to keep separately; the others become one message.
inline constexpr std::size_t kept_invalid_max = 256;

/// Turns `upload` into an unreadable one with at most `kept_bytes_max` bytes: of `packed`, the original body, unless it
/// is empty. The reason is `why`, and the size and hash of the whole if it is cut. Idempotent.
void keep_as_unreadable(Upload& upload, const std::string& why, std::string_view packed = {});

/// All of `messages` are valid packets.
bool are_packets(const std::vector<DecodedMessage>& messages);
/// Whether no message is a valid packet, and they exceed the limits for invalid ones.
bool is_large_and_invalid(const std::vector<DecodedMessage>& messages);
/// The reason of a body of such messages, which is kept as one message.
std::string reason_of_invalid(const std::vector<DecodedMessage>& messages);

/// Merges the invalid messages beyond the limits into one, which begins with the first of them.
void merge_surplus(std::vector<DecodedMessage>& messages, std::string_view body);

}  // namespace packwalk
