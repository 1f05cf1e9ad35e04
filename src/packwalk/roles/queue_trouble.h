// What an end of the queue has to say of itself.
#pragma once

#include "api/health_api.h"
#include "ports/packet_queue.h"

namespace packwalk {

/// Thread-safe, never blocks.
inline Readiness queue_trouble(const QueueEnd& end, ServerTime now) {
  const QueueDepth depth = end.depth(now);
  if (!depth.failing) return {};
  return {Lack::queue, "the last packets could not be kept" + (depth.why.empty() ? "" : ": " + depth.why)};
}

}  // namespace packwalk
