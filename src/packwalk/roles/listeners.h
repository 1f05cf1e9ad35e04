// The listeners of a server. Each counts its answers and logs its refusals and faults.
#pragma once

#include <chrono>
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include "http/listener.h"
#include "http/server.h"
#include "packwalk/roles/role.h"
#include "packwalk/roles/shared.h"

namespace packwalk {

/// For one thread. The members of `shared` outlive it.
class Listeners {
 public:
  explicit Listeners(Shared& shared) : shared_(shared) {}

  /// Opens one more listener, whose `name` is a literal. Valid until clear(). Errors are those of Listener::start().
  Result<HttpServer*> open(std::string_view name, const ServerOptions& options, std::vector<Route> routes);
  /// The same for a listener of a role.
  Result<void> open(OwnListener own);

  /// The open connections of each listener. Thread-safe once all are open, and on threads of the last one.
  std::vector<Levels::Listener> levels() const;

  /// Stops the listeners, the last one first. Each accepts no new requests and answers those under way, for at most
  /// `grace`.
  void stop(std::chrono::seconds grace);

  /// Call it after stop(), when no thread answers requests any more.
  void clear() { open_.clear(); }

 private:
  struct Open {
    std::string_view name;
    std::variant<std::unique_ptr<HttpServer>, std::unique_ptr<Listener>> listener;
  };

  template <class OfKind>
  Result<OfKind*> start(std::string_view name, std::unique_ptr<OfKind> listener);

  Shared& shared_;
  std::vector<Open> open_;
};

}  // namespace packwalk
