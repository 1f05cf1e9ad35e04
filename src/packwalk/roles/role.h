// A role of a server: a part that can run in a process of its own.
#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "api/health_api.h"
#include "api/metrics.h"
#include "http/listener.h"
#include "http/router.h"
#include "http/server.h"

namespace packwalk {

struct OwnRoutes {
  ServerOptions options;
  std::vector<Route> routes;
};

/// A protocol that is not HTTP. The last connections may be destroyed after the role.
struct OwnProtocol {
  ListenerOptions options;
  MakeConnection make;
};

/// A listener of a role's own, besides http.listen.
struct OwnListener {
  std::string_view name;  // the key of its address, a literal
  std::variant<OwnRoutes, OwnProtocol> serves;
};

/// Whether a failure of a role makes its process not ready. Beside other roles, which still work, it is only logged.
enum class Failing { is_trouble, is_logged };

/// Server calls these functions in order: catch_up() once, then it opens the listeners, then start(). At the end it
/// closes the listeners, then calls refuse() and drain().
class Role {
 public:
  virtual ~Role() = default;

  /// Its routes on http.listen. Their handlers may be called before start(), and until drain() at the latest.
  virtual std::vector<Route> routes() { return {}; }
  virtual std::vector<OwnListener> own_listeners() { return {}; }

  /// Reads what other processes have committed. The server calls it before start(), and about once per second
  /// afterwards, on a thread that may wait for the store. The server is not ready while it fails. Before start(), any
  /// error but Errc::unavailable ends the server.
  virtual Result<void> catch_up() { return {}; }

  /// Starts its threads. Errors are permanent: a retry would not help.
  virtual Result<void> start() = 0;

  /// Takes no new work from outside. No listener is open any more.
  virtual void refuse() {}

  /// Settles its work; then its threads end.
  virtual void drain() = 0;

  /// The cause if it cannot work now; otherwise "". Thread-safe, never blocks.
  virtual Readiness trouble() const { return {}; }

  /// Sets its levels in `levels`. Thread-safe, never blocks.
  virtual void measure(Metrics::Levels& /*levels*/) const {}
};

}  // namespace packwalk
