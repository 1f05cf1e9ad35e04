// The tokens of devices and the administrator: created here, stored only as hashes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ascii.h"

namespace packwalk {

/// SHA-256 of a token. A token has 192 random bits, so no salt and no slow hash is needed.
using TokenHash = std::array<std::uint8_t, 32>;

/// The length of every token.
inline constexpr std::size_t token_size = 35;
inline constexpr std::string_view token_prefix = "pw_";

/// Whether a token may have this character after its prefix.
constexpr bool is_token_character(char c) { return is_alphanumeric(c) || c == '_' || c == '-'; }

/// Whether `text` has the form of a token; other texts need no look-up.
bool is_token(std::string_view text);

/// "pw_" and 32 characters of A-Z, a-z, 0-9, _ and -, from the system's random source. Throws if that fails.
std::string make_token();

/// Throws std::runtime_error if OpenSSL fails.
TokenHash hash_of_token(std::string_view token);

/// In constant time.
bool equal_in_constant_time(const TokenHash& a, const TokenHash& b);

}  // namespace packwalk
