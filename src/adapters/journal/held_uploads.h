// What the queue holds, and whether there is room for more.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <functional>

#include "adapters/journal/queue_limits.h"
#include "ports/packet_queue.h"

namespace packwalk::journal {

/// Of all devices and of each. One thread at a time.
class HeldUploads {
 public:
  explicit HeldUploads(QueueLimits limits) : limits_(limits) {}

  /// Errc::overloaded when all is full, or the share of its device is. An empty queue takes anything, and a device of
  /// which nothing waits what fits into the whole: what is larger than the limits would else never be taken.
  Result<void> has_room_for(const Upload& upload) const;

  void add(const Upload& upload);
  void remove(const Upload& upload);

  const QueueDepth& depth() const { return all_; }

 private:
  struct OfDevice {
    std::size_t uploads = 0;
    std::size_t messages = 0;
    std::size_t bytes = 0;
  };

  const QueueLimits limits_;
  QueueDepth all_;
  /// Those of which something is held.
  boost::unordered_flat_map<DeviceNumber, OfDevice, std::hash<DeviceNumber>> by_device_;
};

}  // namespace packwalk::journal
