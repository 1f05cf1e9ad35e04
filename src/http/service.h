// The routes of an HTTP server, and the observers of its requests.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "http/router.h"

namespace packwalk {

/// A fault of a request: an exception, or a response that cannot be sent. Holds no secret: instead of a path, it has
/// the pattern of its route.
struct Fault {
  std::string_view method;
  std::string_view pattern;
  std::string_view address;  // of the peer
  std::string_view what;
  std::string_view request_id{};  // "" if no head was read
};

/// A request that reached no handler, or bytes that are not a request.
struct Unhandled {
  std::string_view reason;   // a literal: "unknown_path", "wrong_method", "malformed", "too_large", "tls", "overloaded"
  std::string_view address;  // of the peer
  std::string_view path;     // not changed, so it may hold a token; "" if it was not read
};

/// The observers, which a server calls from several threads at once. They are its only way to the log.
struct Service {
  std::vector<Route> routes;
  /// Called for every response.
  std::function<void(const AnsweredRequest&)> observer = [](const AnsweredRequest&) {};
  std::function<void(const Fault&)> report = [](const Fault&) {};
  std::function<void(const Unhandled&)> unhandled = [](const Unhandled&) {};
};

}  // namespace packwalk
