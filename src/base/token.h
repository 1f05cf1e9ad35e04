// Secrets that devices and the administrator show: made here, kept only as hashes.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace packwalk {

/// SHA-256 of a token. A token has 192 random bits, so no salt and no slow hash is needed.
using TokenHash = std::array<std::uint8_t, 32>;

/// "pw_" and 32 characters of A-Z, a-z, 0-9, _ and -, from the system's random source. Throws when that fails.
std::string make_token();

TokenHash hash_of_token(std::string_view token);

/// In constant time.
bool equal_in_constant_time(const TokenHash& a, const TokenHash& b);

}  // namespace packwalk
