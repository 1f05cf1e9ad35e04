#pragma once

#include <cstddef>
#include <memory>

#include "ports/packet_queue.h"

namespace packwalk {

/// Either bound makes the queue full. What was taken and not yet settled still counts.
struct QueueLimits {
  std::size_t messages_max = 200'000;
  std::size_t bytes_max = std::size_t{64} * 1024 * 1024;
};

/// The in-process queue: a delivery is safe when ingest has committed it, and not before.
std::unique_ptr<PacketQueue> make_memory_packet_queue(QueueLimits limits);

}  // namespace packwalk
