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

namespace packwalk {

enum class Method { get, head, post, other };

/// "GET"; "other" for one that no route takes.
std::string_view name_of(Method method);

struct Request {
  Method method = Method::get;
  std::string path;   // without the query; escapes as they came
  std::string query;  // without its question mark
  std::string authorization;
  std::string content_type;
  std::string content_encoding;
  std::string accept;
  std::string user_agent;
  std::string body;
  std::vector<std::string> parameters;  // what stood where the route has {..}
  std::chrono::steady_clock::time_point received_at{};
  std::string remote_address;  // of the peer, without port: that of the proxy when there is one
  /// Stop is requested when the caller's connection ends before its answer is there; on routes that do not heed it
  /// (Route::heeds_gone), perhaps not before the answer.
  std::stop_token gone;
  /// The device whose token the head has shown. None if the body came later: the token may have ended meanwhile.
  std::optional<DeviceNumber> device{};
};

/// Memory of all that the caller wrote: of strings that are no part of the Request itself.
std::size_t held_bytes(const Request& request);

struct Response {
  int status = 200;
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string_view, std::string>> headers;  // the names are literals
  bool drop = false;  // close the connection without an answer: for clients that take any answer for success
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
