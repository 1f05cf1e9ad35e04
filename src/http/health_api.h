// What whoever runs the server asks of it: is it alive, can it take packets, what has it counted.
#pragma once

#include <functional>
#include <vector>

#include "app/device_directory.h"
#include "app/live_positions.h"
#include "http/blocking_pool.h"
#include "http/metrics.h"
#include "http/router.h"
#include "ports/clock.h"
#include "ports/packet_queue.h"

namespace packwalk {

/// What the answers are made of; main owns all of it, and it outlives every request.
struct HealthParts {
  Metrics& metrics;
  const QueueEnd& queue;
  const DeviceDirectory& directory;
  const LivePositions& positions;
  const BlockingPool& pool;
  std::function<std::size_t()> connections;  // open ones of the server
  Clock& clock;
};

/// GET /healthz: 200 while the process answers. GET /readyz: 200 while packets can be kept, else 503 and why.
/// GET /metrics: Prometheus's text form. All of them without a token: they hold no secret and no place.
std::vector<Route> health_routes(HealthParts parts);

}  // namespace packwalk
