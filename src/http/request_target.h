// What a request line names: the target, and the host that may stand in it (RFC 9112, section 3.2).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace packwalk {

struct RequestTarget {
  std::string path;   // escapes as they came
  std::string query;  // without its question mark
};

/// Of an absolute form (`http://host/path`), which some libraries send to every server, scheme and host say nothing
/// that matters here. Errc::invalid_input when they are none.
Result<RequestTarget> split_target(std::string_view target);

/// host [":" port] of names, IPv4 and [IPv6]: RFC 3986 without what no client sends (user, sub-delimiters, escapes).
bool is_valid_host(std::string_view host);

}  // namespace packwalk
