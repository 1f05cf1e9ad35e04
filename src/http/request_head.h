// The rules of RFC 9112 for header fields that the parser does not check. Pure.
#pragma once

#include <optional>
#include <string>

#include "http/headers.h"

namespace packwalk {

/// The reason why the bytes are not a valid request. The connection cannot be used any more.
struct ParseFailure {
  int status = 400;
  std::string detail;
};

/// How the lines of a head end.
enum class LineEnd { unknown, crlf, lf };

/// The head, from the request line and the parser.
struct HeadFacts {
  int version = 11;         // 10 for HTTP/1.0
  bool is_chunked = false;  // the last transfer coding is chunked
  bool has_length = false;  // Content-Length
  LineEnd line_end = LineEnd::crlf;
};

/// The flaw in the framing of the body or in Host; empty if there is none. Only one framing is accepted, so that a
/// proxy and this server agree where a request ends.
std::optional<ParseFailure> head_failure(const Headers& headers, const HeadFacts& facts);

/// Whether there is a Host that is not empty.
bool has_host(const Headers& headers);

bool expects_continue(const Headers& headers);

}  // namespace packwalk
