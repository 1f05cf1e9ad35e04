// The target of a request line, and the host that it may contain (RFC 9112, section 3.2).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace packwalk {

struct RequestTarget {
  std::string path;   // escapes are not decoded
  std::string query;  // without its question mark
};

/// Some libraries send the absolute form (`http://host/path`); its scheme and host are ignored. Errc::invalid_input:
/// they are not valid.
Result<RequestTarget> split_target(std::string_view target);

/// host [":" port] of names, IPv4 and [IPv6]: RFC 3986 without parts that no client sends (user, sub-delimiters,
/// escapes).
bool is_valid_host(std::string_view host);

}  // namespace packwalk
