// A request as handlers see it, and their answer. No socket in sight.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace packwalk {

enum class Method { get, head, post, options, other };

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

/// A piece of a body.
struct BodyPiece {
  std::string bytes;
  bool is_last = false;
};
/// Errc::overloaded: it may be asked for again in a moment. Any other error: the rest of the body cannot be made.
using TakePiece = std::function<void(Result<BodyPiece>)>;

/// A body that is made piece by piece, so that it may have any length. The server asks for the next piece when it has
/// written the one before, and for no more once the caller is gone.
class BodySource {
 public:
  /// About the size of a piece at most; the memory that a response takes.
  static constexpr std::size_t piece_bytes_max = std::size_t{512} * 1024;

  virtual ~BodySource() = default;
  /// Must not block. Calls `take` once, from any thread. Never called before the piece asked for has come.
  virtual void next(TakePiece take) = 0;
};

struct Response {
  int status = 200;
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string_view, std::string>> headers;  // the names are literals
  bool drop = false;  // close the connection without an answer: for clients that take any answer for success
  std::shared_ptr<BodySource> rest{};  // makes what follows `body`
};

/// A request whose response goes to its caller.
struct AnsweredRequest {
  std::string_view pattern;  // of its route; "" where none was found, or the bytes were no HTTP
  int status = 0;
  /// Since the end of its head; nothing where it has none.
  std::optional<std::chrono::steady_clock::duration> took{};
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
