// SHA-256 and HMAC-SHA256.
#pragma once

#include <string>
#include <string_view>

namespace packwalk {

/// 64 hexadecimal digits, as `sha256sum` prints them. Throws std::bad_alloc where the library has no memory.
std::string sha256_text(std::string_view bytes);

/// The 32 bytes of HMAC-SHA256 (RFC 2104) of `bytes` under `key`. Throws std::bad_alloc where the library has no
/// memory.
std::string hmac_sha256(std::string_view key, std::string_view bytes);

/// The 32 bytes of HKDF-SHA256 (RFC 5869) of `secret` for `purpose`, without salt: a key that tells nothing about the
/// secret and nothing about the keys of other purposes. Throws as above.
std::string hkdf_sha256(std::string_view secret, std::string_view purpose);

}  // namespace packwalk
