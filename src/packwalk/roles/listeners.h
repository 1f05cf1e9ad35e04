// The listeners of a server: each counts its answers, and its refusals and faults go to the log.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "http/server.h"
#include "packwalk/roles/shared.h"

namespace packwalk {

/// One thread; what `shared` holds outlives it.
class Listeners {
 public:
  explicit Listeners(Shared& shared) : shared_(shared) {}

  /// Opens one more. Good until clear(). Errors as of HttpServer::start().
  Result<HttpServer*> open(const ServerOptions& options, std::vector<Route> routes);

  /// Stops them, the last one first: no new requests, and those under way are answered, for `grace` at most each.
  void stop(std::chrono::seconds grace);

  /// After stop(), when nobody answers a request any more.
  void clear() { open_.clear(); }

 private:
  Shared& shared_;
  std::vector<std::unique_ptr<HttpServer>> open_;
};

}  // namespace packwalk
