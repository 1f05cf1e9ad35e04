// Which handler answers which path.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/exchange.h"

namespace packwalk {

/// Decides about a request of which only the head is there: calls `decide` exactly once, from any thread, with nothing
/// to let the request continue, or with the response that refuses it. `head` is valid until `decide` is called. Must
/// not block and not throw.
using HeadCheck = std::function<void(const Request& head, std::function<void(std::optional<Response>)> decide)>;

struct Route {
  std::vector<Method> methods;
  std::string_view pattern;  // a literal; a segment {..} takes anything that is not empty
  Handler handler;
  std::size_t body_bytes_max = 0;  // a larger body is refused with 413 before it is read; 0: takes no body
  HeadCheck check = nullptr;       // without one, any request that the route matches is read and handled
  bool host_optional = false;      // old firmware of collars sends HTTP/1.1 without Host
};

/// Told of every answer: the pattern of its route ("" for none) and its status.
using Observer = std::function<void(std::string_view pattern, int status)>;

/// Answers 404 for an unknown path and 405 for an unknown method. HEAD goes where GET goes and nothing is written.
Handler make_router(std::vector<Route> routes, Observer observer);

}  // namespace packwalk
