// The rules of RFC 9112 for the fields of a head, where a parser leaves them to whoever uses the fields. Pure.
#pragma once

#include <optional>
#include <string>

#include "http/headers.h"

namespace packwalk {

/// Why the bytes are no request that is served. The connection cannot be used any more.
struct ParseFailure {
  int status = 400;
  std::string detail;
};

/// How the lines of a head end.
enum class LineEnd { unknown, crlf, lf };

/// How a request line and a parser see the head.
struct HeadFacts {
  int version = 11;         // 10 for HTTP/1.0
  bool is_chunked = false;  // the last transfer coding is
  bool has_length = false;  // Content-Length
  LineEnd line_end = LineEnd::crlf;
};

/// What is wrong with the framing of the body or with Host; nothing if all is well. One framing is accepted, so that a
/// proxy and this server agree where a request ends.
std::optional<ParseFailure> head_failure(const Headers& headers, const HeadFacts& facts);

/// Whether there is a Host that is not empty.
bool has_host(const Headers& headers);

bool expects_continue(const Headers& headers);

}  // namespace packwalk
