// What whoever runs the server asks of it: is it alive, can it take packets, what has it counted.
#pragma once

#include <atomic>
#include <functional>
#include <vector>

#include "app/device_directory.h"
#include "app/live_positions.h"
#include "http/metrics.h"
#include "http/router.h"
#include "ports/clock.h"
#include "ports/packet_queue.h"

namespace packwalk {

/// Whether ingest can commit. Thread-safe.
class StoreHealth {
 public:
  void commit_worked() { failed_at_us_ = 0; }
  void commit_failed(ServerTime now) { failed_at_us_ = microseconds_since_1970(now); }

  /// Some seconds after a failure it says yes again: whoever sends packets only to a ready server must send some for
  /// anybody to learn that the disk has room again.
  bool works(ServerTime now) const {
    const std::int64_t failed_at = failed_at_us_;
    return failed_at == 0 || now - server_time(failed_at) > std::chrono::seconds(10);
  }

 private:
  std::atomic<std::int64_t> failed_at_us_ = 0;
};

/// What the answers are made of; main owns all of it, and it outlives every request.
struct HealthParts {
  Metrics& metrics;
  const PacketQueue& queue;
  const DeviceDirectory& directory;
  const LivePositions& positions;
  const StoreHealth& store;
  Clock& clock;
};

/// GET /healthz: 200 while the process answers. GET /readyz: 200 while packets can be kept, else 503 and why.
/// GET /metrics: Prometheus's text form. All of them without a token: they hold no secret and no place.
std::vector<Route> health_routes(HealthParts parts);

}  // namespace packwalk
