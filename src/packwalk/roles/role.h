// A role of a server: what one process does of the whole.
#pragma once

#include <vector>

#include "api/health_api.h"
#include "api/metrics.h"
#include "http/router.h"
#include "http/server.h"

namespace packwalk {

/// A listener of a role's own, besides http.listen.
struct OwnListener {
  ServerOptions options;
  std::vector<Route> routes;
};

/// Server calls it in the order of these functions: catch_up() for the first time, then the listeners open, then
/// start(). At the end the listeners close, then refuse() and drain().
class Role {
 public:
  virtual ~Role() = default;

  /// What it answers on http.listen. Its handlers may be called before start(), and until drain() at the latest.
  virtual std::vector<Route> routes() { return {}; }
  virtual std::vector<OwnListener> own_listeners() { return {}; }

  /// Learns what other processes have committed. It is called before start(), and about once a second after it, on a
  /// thread that may wait for the store. The server is not ready while it fails; before start(), any error but
  /// Errc::unavailable ends the server.
  virtual Result<void> catch_up() { return {}; }

  /// Starts its threads. An error is one that waiting does not mend.
  virtual Result<void> start() = 0;

  /// Takes no new work from outside. No listener is open any more.
  virtual void refuse() {}

  /// Settles what it has; then its threads end.
  virtual void drain() = 0;

  /// Why it cannot do its work now, if it cannot. Thread-safe; never waits for anybody.
  virtual Readiness trouble() const { return {}; }

  /// Sets the levels that it knows. Likewise.
  virtual void measure(Metrics::Levels& /*levels*/) const {}
};

}  // namespace packwalk
