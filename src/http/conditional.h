// ETag and If-None-Match (RFC 9110, sections 8.8.3 and 13.1.2).
#pragma once

#include <string>
#include <string_view>

namespace packwalk {

/// W/"<32 hexadecimal digits>": equal for equal bytes. It is weak because the same content may be sent with or without
/// gzip.
std::string weak_etag_of(std::string_view bytes);

/// Whether an If-None-Match names `etag`, or is `*`. Compares weakly. A malformed value matches nothing.
bool names_etag(std::string_view if_none_match, std::string_view etag);

}  // namespace packwalk
