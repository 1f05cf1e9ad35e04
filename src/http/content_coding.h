// Responses in gzip: for whom, of what, and how.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/body.h"

namespace packwalk {

/// What an Accept-Encoding (RFC 9110, section 12.5.3) says about the two codings that there are.
struct AcceptedCodings {
  bool prefers_gzip = false;
  bool refuses_identity = false;  // of a caller that refuses both this means nothing: it gets identity
};
AcceptedCodings accepted_codings(std::string_view accept_encoding);

/// Whether gzip makes bodies of this Content-Type smaller: text, JSON, XML and the like.
bool is_text_type(std::string_view content_type);

/// Below this size gzip saves no packet on the way.
inline constexpr std::size_t gzip_bytes_min = 1024;
/// A larger string is compressed piece by piece while it is sent: all of it at once would hold up other connections.
inline constexpr std::size_t gzip_at_once_max = std::size_t{64} * 1024;

/// All of `bytes` in gzip, as fast as zlib can. Throws std::bad_alloc.
std::string gzip_fast(std::string_view bytes);

/// `whole`, in gzip. Throws std::bad_alloc.
StreamedBody gzip_stream_of(std::string whole);
/// `body`, in gzip: each piece reaches its reader before the next one is made. Throws std::bad_alloc.
StreamedBody gzip_stream_of(StreamedBody body);

}  // namespace packwalk
