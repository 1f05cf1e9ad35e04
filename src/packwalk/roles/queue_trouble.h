// The trouble of one end of the queue, for /readyz.
#pragma once

#include "api/health_api.h"
#include "ports/packet_queue.h"

namespace packwalk {

/// Thread-safe, never blocks.
inline Readiness queue_trouble(const QueueEnd& end, ServerTime now) {
  const QueueDepth depth = end.depth(now);
  if (!depth.failing) return {};
  return {Lack::queue,
          "the last packets could not be written to the queue" + (depth.why.empty() ? "" : ": " + depth.why)};
}

}  // namespace packwalk
