// What an HTTP server serves, and whom it tells about it.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "http/router.h"

namespace packwalk {

/// What broke while a request was served: an exception, or a response that cannot be sent. Holds no secret: of a path,
/// the pattern of its route.
struct Fault {
  std::string_view method;
  std::string_view pattern;
  std::string_view address;  // of the peer
  std::string_view what;
  std::string_view request_id{};  // "" where no head was read
};

/// A request that reached no handler, or bytes that are none.
struct Unhandled {
  std::string_view reason;   // a literal: "unknown_path", "wrong_method", "malformed", "too_large", "tls", "overloaded"
  std::string_view address;  // of the peer
  std::string_view path;     // as it came: it may hold a token; "" where nothing was read of it
};

/// What a server calls, on its threads, any number of times at once. These calls are its only way to the log.
struct Service {
  std::vector<Route> routes;
  /// Told of every response.
  std::function<void(const AnsweredRequest&)> observer = [](const AnsweredRequest&) {};
  std::function<void(const Fault&)> report = [](const Fault&) {};
  std::function<void(const Unhandled&)> unhandled = [](const Unhandled&) {};
};

}  // namespace packwalk
