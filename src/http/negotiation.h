// Adapts a response to the headers of its request: coding, validators, origin.
#pragma once

#include <string>
#include <string_view>

#include "http/allowed_origins.h"
#include "http/content_coding.h"
#include "http/exchange.h"

namespace packwalk {

/// The headers of a request that are kept for its response.
struct ResponseTerms {
  Method method = Method::get;
  bool may_be_chunked = true;  // HTTP/1.1
  AcceptedCodings codings{};
  std::string if_none_match;
  std::string origin;
  std::string request_id;
};

/// Reads the head. Uses the caller's X-Request-Id if it is valid, otherwise creates one.
ResponseTerms terms_of(const Request& head);

/// Adapts `response` to its caller: 304 if the caller already has it, gzip if it accepts that; with ETag, Vary and the
/// CORS headers. Handles HEAD like GET. Throws std::bad_alloc.
void negotiate(Response& response, const ResponseTerms& terms, const AllowedOrigins& origins);

/// Adds `name` to Vary, once.
void add_vary(Response& response, std::string_view name);

}  // namespace packwalk
