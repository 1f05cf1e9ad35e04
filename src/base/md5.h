// MD5, which databases can compute too. It detects damage, but not forgery.
#pragma once

#include <cstdint>
#include <string_view>

namespace packwalk {

/// The first eight bytes of the hash, as a big-endian number. Throws std::runtime_error on a system without MD5.
std::uint64_t md5_head(std::string_view bytes);

}  // namespace packwalk
