// A running server: the roles that one process has, and what they share.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>

#include "api/health_api.h"
#include "api/metrics.h"
#include "app/access/admin_token.h"
#include "app/access/mqtt_permissions.h"
#include "app/devices/device_directory.h"
#include "app/ingest/accept_packets.h"
#include "app/questions/live_positions.h"
#include "base/last_time.h"
#include "doors/body_pool.h"
#include "doors/refusals.h"
#include "http/blocking_pool.h"
#include "http/failed_log_ins.h"
#include "http/router.h"
#include "http/server.h"
#include "packwalk/installation/config.h"
#include "packwalk/roles/analyst.h"
#include "packwalk/roles/archiver.h"
#include "packwalk/roles/clock_watch.h"
#include "packwalk/roles/ticker.h"
#include "packwalk/roles/watched_source.h"
#include "ports/clock.h"
#include "ports/device_health.h"
#include "ports/ingest_store.h"
#include "ports/live_feed.h"
#include "ports/message_reader.h"
#include "ports/query_store.h"
#include "ports/store_keeper.h"

namespace packwalk {

/// gateway: takes packets. ingest: commits them. analysis: derives tracks, activity and walks. api: answers questions.
struct Roles {
  bool gateway = false;
  bool ingest = false;
  bool analysis = false;
  bool api = false;
};

/// What a server is made of. A part that no role needs is empty; one object may be both ends of the queue.
struct ServerParts {
  std::string role = "serve";  // as metrics name it
  std::unique_ptr<Clock> clock;
  std::shared_ptr<LastTime> store_answered = std::make_shared<LastTime>();  // noted here, seen by the parts
  std::unique_ptr<DeviceDirectory> directory;
  std::unique_ptr<DeviceHealth> health;           // gateway: where refusals of devices are noted
  std::shared_ptr<PacketIntake> intake;           // gateway
  std::optional<MqttDoor> mqtt_door;              // gateway, of a broker that asks about it
  std::shared_ptr<PacketSource> source;           // ingest
  std::unique_ptr<IngestStore> ingest_store;      // ingest
  std::unique_ptr<StoreKeeper> keeper;            // ingest
  std::optional<ArchiveParts> archive;            // ingest: what is copied where
  std::unique_ptr<AnalysisStore> analysis_store;  // analysis
  std::unique_ptr<QueryStore> query_store;        // api
  std::unique_ptr<MessageReader> messages;        // api
  std::unique_ptr<LiveFeed> bus;                  // ingest: who is told besides this process
  std::function<Result<std::unique_ptr<LiveSource>>(LiveListener&)> follow;  // api: joins those who tell
};

/// All parts, in the order in which they need each other; they end in the opposite order.
class Server : private LiveListener, private LiveFeed {
 public:
  Server(const Config& config, ServerParts parts);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() override;

  /// What is not there yet, a database say, is waited for: /readyz says so. Errors are those that waiting does not
  /// mend.
  Result<void> start(const AdminToken& admin_token);
  std::uint16_t port() const { return http_->port(); }
  std::uint16_t ops_port() const { return ops_->port(); }
  std::size_t devices() const { return parts_.directory->size(); }

  /// First takes no more requests, then settles what it has of the queue.
  void stop();

 private:
  std::vector<Route> routes(const AdminToken& admin_token);
  /// Listens for operators.
  Result<void> listen_for_operators();
  std::vector<Route> mqtt_auth_routes();
  std::vector<Route> door_routes();
  /// Makes a server that listens.
  Result<void> listen(std::unique_ptr<HttpServer>& server, const ServerOptions& options, std::vector<Route> routes);
  /// Tells the log, and remembers it of a device.
  void note_refusal(const Refusal& refusal);
  void log_refusals(const RefusalReport& report) const;
  void keep_device_refusals(Refusals::Due due);
  Metrics::Levels levels() const;
  void ingest();
  void watch_clock();
  Result<void> name_impossible(const std::string& detail);
  KeepRules rules_to_keep() const;
  void keep_store();
  std::optional<std::chrono::microseconds> status_outbox_age() const;
  /// Learns what is new of devices, and, where some may have been missed, all positions.
  Result<void> catch_up();
  Result<void> read_positions();
  bool positions_may_be_old() const;

  // What ingest commits here, and what others tell.
  void publish(std::span<const DevicePosition> positions) override;
  void hear(std::span<const DevicePosition> positions) override;
  void miss() override;
  /// Why packets or questions cannot be served now. It asks when each server that they need last answered, and waits
  /// for nobody, so that it tells the truth also while the threads that ask them hang.
  Readiness readiness() const;
  Readiness queue_readiness() const;
  void log_readiness(Readiness& before) const;

  const Config config_;
  // A connection that may write is closed last: that one folds SQLite's log into the database. So the query store,
  // which only reads, is made after the others and ends before them.
  ServerParts parts_;
  LivePositions positions_;
  Metrics metrics_;
  Refusals refusals_;
  FailedLogIns failed_log_ins_;
  BlockingPool pool_;
  BodyPool bodies_;
  std::unique_ptr<AcceptPackets> packets_;
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<HttpServer> ops_;        // metrics, and why it is not ready
  std::unique_ptr<HttpServer> mqtt_auth_;  // where the broker asks
  std::unique_ptr<WatchedSource> watched_;
  std::thread ingest_;
  std::unique_ptr<Archiver> archiver_;
  std::unique_ptr<Analyst> analyst_;
  std::unique_ptr<Ticker> ticker_;
  std::unique_ptr<Ticker> log_ticker_;      // on a thread that asks nobody
  std::unique_ptr<Ticker> refusal_keeper_;  // waits for the store
  std::atomic<bool> stopping_ = false;
  std::unique_ptr<Ticker> keeper_;
  std::atomic<ServerTime> oldest_status_change_ = ServerTime::max();

  std::atomic<bool> missed_ = true;
  std::chrono::steady_clock::time_point filled_at_;  // of whoever calls catch_up()
  mutable std::mutex mutex_;
  std::string named_impossible_;                     // the last impossible row that was logged; catch_up()'s
  ClockWatch clock_watch_;                           // guarded by mutex_
  std::string behind_ = "it has only just started";  // guarded by mutex_: why catch_up() fails
  bool has_asked_ = false;                           // likewise: it has run

  std::unique_ptr<LiveSource> others_;  // last: its thread uses all of it
};

}  // namespace packwalk
