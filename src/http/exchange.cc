#include "http/exchange.h"

#include <algorithm>

#include "base/base64.h"
#include "base/text.h"

namespace packwalk {
namespace {

/// The text after `scheme` and its space.
std::string_view credentials(std::string_view authorization, std::string_view scheme) {
  const std::size_t space = authorization.find(' ');
  if (space == std::string_view::npos || lower_case(authorization.substr(0, space)) != scheme) return {};
  return trimmed(authorization.substr(space));
}

}  // namespace

std::string_view name_of(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::patch:
      return "PATCH";
    case Method::delete_:
      return "DELETE";
    case Method::options:
      return "OPTIONS";
    case Method::other:
      break;
  }
  return "other";
}

std::size_t held_bytes(const Request& request) {
  const std::size_t inside = std::string().capacity();
  const auto held = [inside](const std::string& text) { return text.capacity() > inside ? text.capacity() : 0; };
  std::size_t bytes = request.parameters.capacity() * sizeof(std::string) + request.headers.held_bytes();
  for (const std::string& parameter : request.parameters) bytes += held(parameter);
  return bytes + held(request.path) + held(request.query) + held(request.body) + held(request.id);
}

const std::string& text_of(const Response& response) { return std::get<std::string>(response.body); }

std::string_view header_of(const Response& response, std::string_view name) {
  const auto found = std::find_if(response.headers.begin(), response.headers.end(),
                                  [&](const auto& header) { return equal_ignoring_case(header.first, name); });
  return found == response.headers.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<Parameter> take_parameter(std::string_view& query) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    return Parameter{form_decoded(pair.substr(0, equals)),
                     form_decoded(pair.substr(std::min(equals + 1, pair.size())))};
  }
  return std::nullopt;
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  while (auto parameter = take_parameter(query)) {
    if (parameter->first == name) return std::move(parameter->second);
  }
  return std::nullopt;
}

std::string_view bearer_token(std::string_view authorization) { return credentials(authorization, "bearer"); }

BasicCredentials basic_credentials(std::string_view authorization) {
  const auto decoded = decode_base64(credentials(authorization, "basic"));
  if (!decoded) return {};
  const std::size_t colon = decoded->find(':');
  if (colon == std::string::npos) return {.user = *decoded, .password = ""};
  return {.user = decoded->substr(0, colon), .password = decoded->substr(colon + 1)};
}

std::string media_type(std::string_view header) { return lower_case(trimmed(header.substr(0, header.find(';')))); }

}  // namespace packwalk
