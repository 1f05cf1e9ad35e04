// Base64 (RFC 4648): with padding, and the one for urls without it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace packwalk {

void append_base64(std::string& text, std::string_view bytes);

/// Empty if `text` is not base64.
std::optional<std::string> decode_base64(std::string_view text);

/// With - and _ and without padding (RFC 4648 section 5): it needs no escape in a url.
std::string base64url(std::string_view bytes);

/// Nothing when `text` is not what base64url() makes of some bytes.
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace packwalk
