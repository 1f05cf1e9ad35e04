#include "http/negotiation.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "http/conditional.h"
#include "http/request_id.h"

namespace packwalk {
namespace {

constexpr int ok = 200;
constexpr int not_modified = 304;

// Greatest size of a header value that is kept for the response. A longer value counts as missing.
constexpr std::size_t if_none_match_max = 2048;
constexpr std::size_t origin_max = 256;

/// Headers that a page of another origin may read in addition to the safelisted ones.
constexpr std::string_view exposed = "ETag, Link, Retry-After, X-Request-Id";

bool has_item(std::string_view list, std::string_view item) {
  while (!list.empty()) {
    const std::string_view each = list.substr(0, list.find(','));
    list.remove_prefix(std::min(each.size() + 1, list.size()));
    if (equal_ignoring_case(trimmed(each), item)) return true;
  }
  return false;
}

bool only_reads(Method method) { return method == Method::get || method == Method::head; }

void allow_origin(Response& response, std::string_view origin, const AllowedOrigins& origins) {
  if (origins.are_none()) return;
  if (!origins.are_any()) add_vary(response, "Origin");
  const std::string_view allowed = origins.answer_to(origin);
  if (allowed.empty()) return;
  response.headers.emplace_back("Access-Control-Allow-Origin", allowed);
  if (!origins.are_any()) response.headers.emplace_back("Access-Control-Allow-Credentials", "true");
  response.headers.emplace_back("Access-Control-Expose-Headers", exposed);
}

/// The ETag of a response that callers may cache; "" if there is none.
std::string etag_of(const Response& response) {
  if (response.status != ok) return "";
  if (const auto* file = std::get_if<StaticFile>(&response.body)) return file->etag;
  const auto* text = std::get_if<std::string>(&response.body);
  return text && response.has_etag ? weak_etag_of(*text) : "";
}

/// Whether the caller already has the response.
bool revalidate(Response& response, const ResponseTerms& terms) {
  if (!only_reads(terms.method)) return false;
  std::string etag = etag_of(response);
  if (etag.empty()) return false;
  const bool is_known = names_etag(terms.if_none_match, etag);
  response.headers.emplace_back("ETag", std::move(etag));
  if (header_of(response, "Cache-Control").empty()) response.headers.emplace_back("Cache-Control", "private, no-cache");
  return is_known;
}

/// Whether the response depends on Accept-Encoding.
bool has_codings(const Response& response, const ResponseTerms& terms) {
  if (!header_of(response, "Content-Encoding").empty()) return false;
  if (const auto* file = std::get_if<StaticFile>(&response.body)) return file->gzip_bytes != nullptr;
  if (!is_text_type(response.content_type)) return false;
  const auto* text = std::get_if<std::string>(&response.body);
  if (!text) return true;
  return text->size() >= gzip_bytes_min || (terms.codings.refuses_identity && !text->empty());
}

/// False if the body stays as it is: in HTTP/1.0, a body in pieces ends with the connection.
bool pack(Body& body, bool may_be_chunked) {
  if (auto* file = std::get_if<StaticFile>(&body)) {
    file->bytes = std::exchange(file->gzip_bytes, nullptr);
    return true;
  }
  if (auto* text = std::get_if<std::string>(&body); text && text->size() <= gzip_at_once_max) {
    *text = gzip_fast(*text);
    return true;
  }
  if (!may_be_chunked) return false;
  if (auto* text = std::get_if<std::string>(&body)) {
    body = gzip_stream_of(std::move(*text));
  } else {
    body = gzip_stream_of(std::move(std::get<StreamedBody>(body)));
  }
  return true;
}

}  // namespace

ResponseTerms terms_of(const Request& head) {
  const auto unless_longer = [](std::string text, std::size_t size_max) {
    return text.size() > size_max ? std::string() : text;
  };
  const std::string_view given = head.headers.find("X-Request-Id");
  return {.method = head.method,
          .codings = accepted_codings(head.headers.list("Accept-Encoding")),
          .if_none_match = unless_longer(head.headers.list("If-None-Match"), if_none_match_max),
          .origin = unless_longer(std::string(head.headers.find("Origin")), origin_max),
          .request_id = is_request_id(given) ? std::string(given) : make_request_id()};
}

void negotiate(Response& response, const ResponseTerms& terms, const AllowedOrigins& origins) {
  allow_origin(response, terms.origin, origins);
  const bool is_known = revalidate(response, terms);
  if (has_codings(response, terms)) {
    add_vary(response, "Accept-Encoding");
    if (!is_known && terms.codings.prefers_gzip && pack(response.body, terms.may_be_chunked)) {
      response.headers.emplace_back("Content-Encoding", "gzip");
    }
  }
  if (!is_known) return;
  response.status = not_modified;
  response.content_type.clear();
  response.body = std::string();
}

void add_vary(Response& response, std::string_view name) {
  const auto found = std::find_if(response.headers.begin(), response.headers.end(),
                                  [](const auto& header) { return equal_ignoring_case(header.first, "Vary"); });
  if (found == response.headers.end()) {
    response.headers.emplace_back("Vary", name);
  } else if (!has_item(found->second, name)) {
    found->second.append(", ").append(name);
  }
}

}  // namespace packwalk
