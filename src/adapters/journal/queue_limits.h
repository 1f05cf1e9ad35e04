// How much the in-process queue may hold.
#pragma once

#include <cstddef>

namespace packwalk {

/// Either bound makes the queue full. What was taken and not yet settled still counts.
struct QueueLimits {
  std::size_t messages_max = 200'000;
  std::size_t bytes_max = std::size_t{64} * 1024 * 1024;
  std::size_t device_percent = 25;  // of both that one device may have, so that it does not fill the queue for all
};

}  // namespace packwalk
