// Which handler answers which path.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/allowed_origins.h"
#include "http/exchange.h"
#include "http/path_hint.h"

namespace packwalk {

/// The other two count only without a refusal.
struct HeadDecision {
  std::optional<Response> refusal{};     // none: the request continues
  bool is_admitted = false;              // the head shows a good token; else the body may show one
  std::optional<DeviceNumber> device{};  // whose token that is
};
using Decided = std::function<void(HeadDecision)>;

/// Decides about a request of which only the head is there: calls `decide` exactly once, from any thread. `head` is
/// valid until then. Must not block and not throw.
using HeadCheck = std::function<void(const Request& head, const Decided& decide)>;

struct Route {
  std::vector<Method> methods;
  std::string_view pattern;  // a literal; a segment {..} takes anything that is not empty
  Handler handler;
  std::size_t body_bytes_max = 0;  // a larger body is refused with 413 before it is read; 0: takes no body
  HeadCheck check = nullptr;       // without one, any request that the route matches is read and handled
  /// Old firmware of collars sends HTTP/1.1 without Host, and people type the address into a phone: there blanks (%20,
  /// and %09, %0A, %0D) around the segments of a path do not matter.
  bool is_door = false;
  bool heeds_gone = false;  // the handler looks at Request::gone: the connection reads ahead to learn it
  /// Where given, a body is refused like that too when it is larger and the head has shown no good token.
  std::optional<std::size_t> stranger_bytes_max{};
};

/// Told of every response: the pattern of its route ("" for none) and its status.
using Observer = std::function<void(std::string_view pattern, int status)>;

/// Immutable, and so thread-safe.
class Router {
 public:
  /// `origins`: the preflight requests of their pages are answered.
  explicit Router(std::vector<Route> routes, AllowedOrigins origins = {});

  struct Found {
    const Route* route = nullptr;     // none: `refusal` is the answer
    std::optional<Response> refusal;  // 404 for an unknown path, 405 for an unknown method, 204 for OPTIONS
  };
  /// Sets the parameters of the request, and its path as the route was found by it. HEAD goes where GET goes. Slashes
  /// that are doubled or at the end of a path do not matter.
  Found find(Request& request) const;

 private:
  std::vector<Route> routes_;
  AllowedOrigins origins_;
  PathHint hint_;
};

/// What was meant by a path that none of them has.
PathHint hint_of(const std::vector<Route>& routes);

/// All of it as one handler, for whoever has a whole request: asks no HeadCheck and looks at no size.
Handler make_router(std::vector<Route> routes, Observer observer);

}  // namespace packwalk
