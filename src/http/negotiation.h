// What a response depends on of its request, besides what it says: coding, validators, origin.
#pragma once

#include <string>
#include <string_view>

#include "http/allowed_origins.h"
#include "http/content_coding.h"
#include "http/exchange.h"

namespace packwalk {

/// What is kept of a request until its response is there.
struct ResponseTerms {
  Method method = Method::get;
  bool may_be_chunked = true;  // HTTP/1.1
  AcceptedCodings codings{};
  std::string if_none_match;
  std::string origin;
  std::string request_id;
};

/// Of the head. A good X-Request-Id of the caller is kept; else one is made.
ResponseTerms terms_of(const Request& head);

/// Makes `response` as its caller wants it: 304 if the caller has it already, gzip if it reads that; with ETag, Vary
/// and the headers that let a page of another origin read it. Bodies of HEAD are handled like those of GET. Throws
/// std::bad_alloc.
void negotiate(Response& response, const ResponseTerms& terms, const AllowedOrigins& origins);

/// Adds `name` to Vary, once.
void add_vary(Response& response, std::string_view name);

}  // namespace packwalk
