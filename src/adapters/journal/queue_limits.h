// The limits of the in-process queue.
#pragma once

#include <cstddef>

namespace packwalk {

/// The queue is full when it reaches either limit. Uploads that ingest has taken count until they are settled.
struct QueueLimits {
  std::size_t messages_max = 200'000;
  std::size_t bytes_max = std::size_t{64} * 1024 * 1024;
  std::size_t device_percent = 25;  // of both limits, per device, so that one device does not fill the queue for all
};

}  // namespace packwalk
