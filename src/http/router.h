// Finds the handler of a path.
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

/// The other two are valid only without a refusal.
struct HeadDecision {
  std::optional<Response> refusal{};     // empty: the request continues
  bool is_admitted = false;              // the head has a valid token; otherwise the body may have one
  std::optional<DeviceNumber> device{};  // the device of that token
};
using Decided = std::function<void(HeadDecision)>;

/// Decides on a request by its head: calls `decide` exactly once, from any thread. `head` is valid until then. Must not
/// block and not throw.
using HeadCheck = std::function<void(const Request& head, const Decided& decide)>;

struct Route {
  std::vector<Method> methods;
  std::string_view pattern;  // a literal; a segment {..} matches any text that is not empty
  Handler handler;
  std::size_t body_bytes_max = 0;  // a larger body is answered 413 before it is read; 0: no body
  HeadCheck check = nullptr;       // without one, the server reads and handles every request
  /// For old firmware, which sends HTTP/1.1 without Host, and for addresses that people type into a phone: ignores
  /// blanks (%20, %09, %0A, %0D) around the segments of a path.
  bool is_door = false;
  bool heeds_gone = false;  // the handler uses Request::gone, so the connection reads ahead to detect it
  /// If set, a larger body is also answered 413 unless the head has a valid token.
  std::optional<std::size_t> stranger_bytes_max{};
};

/// Immutable, so thread-safe.
class Router {
 public:
  /// Answers the preflight requests of pages of `origins`.
  explicit Router(std::vector<Route> routes, AllowedOrigins origins = {});

  struct Found {
    const Route* route = nullptr;     // null: `refusal` is the answer
    std::optional<Response> refusal;  // 404 for an unknown path, 405 for an unknown method, 204 for OPTIONS
  };
  /// Sets the parameters of the request, and its normalised path. HEAD uses the route of GET. Ignores doubled slashes
  /// and a slash at the end of a path.
  Found find(Request& request) const;

 private:
  std::vector<Route> routes_;
  AllowedOrigins origins_;
  PathHint hint_;
};

/// The path that an unknown path probably meant.
PathHint hint_of(const std::vector<Route>& routes);

}  // namespace packwalk
