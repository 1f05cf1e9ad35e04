// What is kept of a body that is not all valid packets: a bounded part of it, and how to recognise the rest.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ports/packet_queue.h"

namespace packwalk {

/// Bytes that are kept of a body that cannot be read, and of all invalid packets of one that can, together.
inline constexpr std::size_t kept_bytes_max = std::size_t{64} * 1024;
/// Invalid packets of one body that are kept one by one; the others become one message.
inline constexpr std::size_t kept_invalid_max = 256;

/// Makes `upload` one that cannot be read, with at most `kept_bytes_max` bytes: of `packed`, the body as it came,
/// unless that is empty. Its reason is `why`, and the size and hash of the whole where that is not kept. Another call
/// for the result changes nothing.
void keep_as_unreadable(Upload& upload, const std::string& why, std::string_view packed = {});

/// All of `messages` are valid packets.
bool are_packets(const std::vector<DecodedMessage>& messages);
/// None of `messages` is a valid packet, and they are more than what is kept of invalid ones.
bool is_large_and_invalid(const std::vector<DecodedMessage>& messages);
/// Why a body of such messages is kept as one.
std::string reason_of_invalid(const std::vector<DecodedMessage>& messages);

/// Makes one message of the invalid ones beyond what is kept of them: it begins where the first of them does.
void merge_surplus(std::vector<DecodedMessage>& messages, std::string_view body);

}  // namespace packwalk
