// The listeners of a server. Each counts its answers and logs its refusals and faults.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "http/server.h"
#include "packwalk/roles/shared.h"

namespace packwalk {

/// For one thread. The members of `shared` outlive it.
class Listeners {
 public:
  explicit Listeners(Shared& shared) : shared_(shared) {}

  /// Opens one more listener. Valid until clear(). Errors are those of HttpServer::start().
  Result<HttpServer*> open(const ServerOptions& options, std::vector<Route> routes);

  /// Stops the listeners, the last one first. Each accepts no new requests and answers those under way, for at most
  /// `grace`.
  void stop(std::chrono::seconds grace);

  /// Call it after stop(), when no thread answers requests any more.
  void clear() { open_.clear(); }

 private:
  Shared& shared_;
  std::vector<std::unique_ptr<HttpServer>> open_;
};

}  // namespace packwalk
