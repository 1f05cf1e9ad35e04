// SHA-256, as `sha256sum` prints it.
#pragma once

#include <string>
#include <string_view>

namespace packwalk {

/// 64 hexadecimal digits. Throws std::bad_alloc where the library has no memory.
std::string sha256_text(std::string_view bytes);

}  // namespace packwalk
