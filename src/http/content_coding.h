// Responses in gzip: which callers accept it, and which bodies are compressed.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/body.h"

namespace packwalk {

/// The result of an Accept-Encoding (RFC 9110, section 12.5.3) for our two codings.
struct AcceptedCodings {
  bool prefers_gzip = false;
  bool refuses_identity = false;  // a caller that refuses both gets identity
};
AcceptedCodings accepted_codings(std::string_view accept_encoding);

/// Whether gzip makes bodies of this Content-Type smaller: text, JSON, XML and the like.
bool is_text_type(std::string_view content_type);

/// Below this size, gzip saves no network packet.
inline constexpr std::size_t gzip_bytes_min = 1024;
/// A larger string is compressed piece by piece while it is sent: compressing it at once would delay other connections.
inline constexpr std::size_t gzip_at_once_max = std::size_t{64} * 1024;

/// All of `bytes` in gzip, at zlib's fastest level. Throws std::bad_alloc.
std::string gzip_fast(std::string_view bytes);

/// `whole`, in gzip. Throws std::bad_alloc.
StreamedBody gzip_stream_of(std::string whole);
/// `body` in gzip. The reader can unpack each piece before the next one is produced. Throws std::bad_alloc.
StreamedBody gzip_stream_of(StreamedBody body);

}  // namespace packwalk
