// Short texts that only we can read and make: AES-256-GCM.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace packwalk {

using SealKey = std::array<std::uint8_t, 32>;

/// A random nonce of 12 bytes, the encrypted `text`, and a tag of 16 bytes. `context` is not in it, and must be the
/// same for open_seal(). Of one key at most 2^32 texts may be sealed: then the chance that a nonce came twice is 2^-33.
/// Throws std::runtime_error where the library has no memory or no random numbers.
std::string seal(const SealKey& key, std::string_view text, std::string_view context);

/// Nothing when `sealed` was not made by seal() with this key and context. Throws as seal().
std::optional<std::string> open_seal(const SealKey& key, std::string_view sealed, std::string_view context);

}  // namespace packwalk
