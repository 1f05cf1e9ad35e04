// A running server: the roles of one process, their listeners, and its tickers.
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

  /// Waits for missing servers, such as the database; /readyz names them. Errors are permanent: after one, no role
  /// runs.
  Result<void> start();

  // After start().
  std::uint16_t port() const { return http_->port(); }
  std::uint16_t ops_port() const { return ops_->port(); }
  std::size_t devices() const { return shared_.directory.size(); }

  /// Accepts no new requests, answers those under way, drains the roles, and ends. Later calls do nothing.
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
  const HttpServer* ops_ = nullptr;  // metrics, and the cause if it is not ready
  std::atomic<bool> stopping_ = false;

  mutable std::mutex mutex_;
  std::string behind_ = "the server is starting";  // guarded by mutex_: the error of catch_up()
  bool has_asked_ = false;                         // guarded by mutex_: whether catch_up() has run

  std::unique_ptr<Ticker> ticker_;
  std::unique_ptr<Ticker> log_ticker_;  // on a thread that never blocks
};

}  // namespace packwalk
