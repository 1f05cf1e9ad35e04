// A running server: the roles that one process has, their listeners, and what looks after them.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "packwalk/configuration/http_section.h"
#include "packwalk/configuration/ops_section.h"
#include "packwalk/roles/listeners.h"
#include "packwalk/roles/role.h"
#include "packwalk/roles/shared.h"
#include "packwalk/roles/ticker.h"

namespace packwalk {

class Server {
 public:
  /// The roles start in this order, and drain and end in the opposite one. `shared` outlives the server.
  Server(const HttpSection& http, const OpsSection& ops, Shared& shared, std::vector<std::unique_ptr<Role>> roles);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() { stop(); }

  /// What is not there yet, a database say, is waited for: /readyz says so. Errors are those that waiting does not
  /// mend; then nothing runs any more.
  Result<void> start();

  // After start().
  std::uint16_t port() const { return http_->port(); }
  std::uint16_t ops_port() const { return ops_->port(); }
  std::size_t devices() const { return shared_.directory.size(); }

  /// Takes no new requests, answers those under way, drains the roles, ends. Once; later calls do nothing.
  void stop();

 private:
  Result<void> start_all();
  Result<void> open_listeners();
  Result<HttpServer*> open_ops_listener();
  Result<void> catch_up();
  Result<void> catch_up_all();
  Readiness readiness() const;
  void log_readiness(Readiness& before) const;
  Metrics::Levels levels() const;

  const HttpSection http_options_;
  const OpsSection ops_options_;
  Shared& shared_;
  std::vector<std::unique_ptr<Role>> roles_;
  std::size_t started_ = 0;  // of roles_
  Listeners listeners_;
  const HttpServer* http_ = nullptr;
  const HttpServer* ops_ = nullptr;  // metrics, and why it is not ready
  std::atomic<bool> stopping_ = false;

  mutable std::mutex mutex_;
  std::string behind_ = "it has only just started";  // guarded by mutex_: why catch_up() fails
  bool has_asked_ = false;                           // likewise: it has run

  std::unique_ptr<Ticker> ticker_;
  std::unique_ptr<Ticker> log_ticker_;  // on a thread that asks nobody
};

}  // namespace packwalk
