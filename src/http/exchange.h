// A request as handlers see it, and their answer. No socket in sight.
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
  std::string path;   // without the query; escapes as they came
  std::string query;  // without its question mark
  Headers headers;
  std::string body;
  std::vector<std::string> parameters;  // what stood where the route has {..}
  std::chrono::steady_clock::time_point received_at{};
  std::string remote_address;  // of the peer, without port: that of the proxy when there is one
  /// Stop is requested when the caller's connection ends before its answer is there; on routes that do not heed it
  /// (Route::heeds_gone), perhaps not before the answer.
  std::stop_token gone;
  /// The device whose token the head has shown. None if the body came later: the token may have ended meanwhile.
  std::optional<DeviceNumber> device{};
  std::string id{};  // names the request in its response and in the log; no secret

  // What well-known fields say; "" for one that is missing. Valid as long as the request stays where it is.
  std::string_view authorization() const { return headers.find("Authorization"); }
  std::string_view content_type() const { return headers.find("Content-Type"); }
  std::string_view content_encoding() const { return headers.find("Content-Encoding"); }
  std::string_view accept() const { return headers.find("Accept"); }
  std::string_view user_agent() const { return headers.find("User-Agent"); }
};

/// Memory of all that the caller wrote: of strings that are no part of the Request itself.
std::size_t held_bytes(const Request& request);

struct Response {
  int status = 200;
  std::string content_type;
  Body body;
  std::vector<std::pair<std::string_view, std::string>> headers;  // the names are literals
  bool drop = false;  // close the connection without an answer: for clients that take any answer for success
  /// A GET may be repeated with If-None-Match: the server adds an ETag of the body, a string, and answers 304 while it
  /// is the same. The caller may keep the response, and asks before each use.
  bool has_etag = false;
};

/// The body of a response whose body is a string.
const std::string& text_of(const Response& response);
/// The value of a header of a response; "" if there is none.
std::string_view header_of(const Response& response, std::string_view name);

/// A request whose response goes to its caller.
struct AnsweredRequest {
  std::string_view pattern;  // of its route; "" where none was found, or the bytes were no HTTP
  int status = 0;
  /// Since the end of its head; nothing where it has none.
  std::optional<std::chrono::steady_clock::duration> took{};
  std::string_view method{};   // "" where the bytes were no HTTP
  std::string_view address{};  // of the peer
  std::string_view request_id{};
};

/// Called exactly once, from any thread. The connection may be gone by then: that is no error.
using Reply = std::function<void(Response)>;
/// Must not block and not throw.
using Handler = std::function<void(Request, Reply)>;

/// A name and its value in a query or form, decoded; without `=` the value is "".
using Parameter = std::pair<std::string, std::string>;
/// Takes the next one off `query`; nothing when there is none left. `&&` has nothing in between.
std::optional<Parameter> take_parameter(std::string_view& query);
/// The first value of a name in a query, decoded.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

/// What stands after "Bearer "; "" when it is no such header.
std::string_view bearer_token(std::string_view authorization);
struct BasicCredentials {
  std::string user;
  std::string password;
};
/// What stands after "Basic "; both "" when it is no such header.
BasicCredentials basic_credentials(std::string_view authorization);

/// The media type of a Content-Type or one entry of Accept, in small letters, without parameters.
std::string media_type(std::string_view header);

}  // namespace packwalk
