// A request for handlers, and their response. Independent of sockets.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "http/body.h"
#include "http/headers.h"

namespace packwalk {

enum class Method { get, head, post, put, patch, delete_, options, other };

/// "GET"; "other" for a method that no route takes.
std::string_view name_of(Method method);

struct Request {
  Method method = Method::get;
  std::string path;   // without the query; escapes are not decoded
  std::string query;  // without its question mark
  Headers headers;
  std::string body;
  std::vector<std::string> parameters;  // the segments for the {..} of the route
  std::chrono::steady_clock::time_point received_at{};
  std::string remote_address;  // of the peer, without port: that of the proxy when there is one
  /// Stop is requested when the caller's connection ends before its answer is there; on routes without
  /// Route::heeds_gone, perhaps only after the answer.
  std::stop_token gone;
  /// The device whose token is in the head. Empty if the body came later: the token may no longer be valid.
  std::optional<DeviceNumber> device{};
  std::string id{};  // identifies the request in its response and in the log; not secret

  // The values of well-known fields; "" for a missing one. Valid until the request moves.
  std::string_view authorization() const { return headers.find("Authorization"); }
  std::string_view content_type() const { return headers.find("Content-Type"); }
  std::string_view content_encoding() const { return headers.find("Content-Encoding"); }
  std::string accept() const { return headers.list("Accept"); }
  std::string_view user_agent() const { return headers.find("User-Agent"); }
};

/// The memory of strings from the caller, without the Request object itself.
std::size_t held_bytes(const Request& request);

struct Response {
  int status = 200;
  std::string content_type;
  Body body;
  std::vector<std::pair<std::string_view, std::string>> headers;  // the names are literals
  bool drop = false;  // close the connection without an answer, for clients that take any answer as success
  /// A GET may be repeated with If-None-Match: the server adds an ETag of the body, a string, and answers 304 while it
  /// is the same. The caller may cache the response, and revalidates it before each use.
  bool has_etag = false;
};

/// The body, if it is a string.
const std::string& text_of(const Response& response);
/// The value of a header of a response; "" if there is none.
std::string_view header_of(const Response& response, std::string_view name);

/// A request whose response goes to its caller.
struct AnsweredRequest {
  std::string_view pattern;  // the pattern of its route; "" if no route was found or the bytes are not HTTP
  int status = 0;
  /// The time since the end of its head; empty if it has none.
  std::optional<std::chrono::steady_clock::duration> took{};
  std::string_view method{};   // "" if the bytes are not HTTP
  std::string_view address{};  // of the peer
  std::string_view request_id{};
};

/// Called exactly once, from any thread. It is no error if the connection is gone by then.
using Reply = std::function<void(Response)>;
/// Must not block and not throw.
using Handler = std::function<void(Request, Reply)>;

/// A name and its value in a query or form, decoded; without `=` the value is "".
using Parameter = std::pair<std::string, std::string>;
/// Removes the next parameter from `query`; empty if none is left. Skips empty parameters (`&&`).
std::optional<Parameter> take_parameter(std::string_view& query);
/// The first value of a name in a query, decoded.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

/// The text after "Bearer "; "" for other headers.
std::string_view bearer_token(std::string_view authorization);
struct BasicCredentials {
  std::string user;
  std::string password;
};
/// User and password after "Basic "; both are "" for other headers.
BasicCredentials basic_credentials(std::string_view authorization);

/// The media type of a Content-Type, in lower case, without parameters.
std::string media_type(std::string_view header);

}  // namespace packwalk
