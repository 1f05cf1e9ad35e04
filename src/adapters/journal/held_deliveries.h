// What the queue holds, and whether there is room for more.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <functional>

#include "adapters/journal/journal_packet_queue.h"

namespace packwalk::journal {

/// Of all devices and of each. One thread at a time.
class HeldDeliveries {
 public:
  explicit HeldDeliveries(QueueLimits limits) : limits_(limits) {}

  /// Errc::overloaded when all is full, or the share of its device is. An empty queue takes anything, and a device of
  /// which nothing waits what fits into the whole: what is larger than the limits would else never be taken.
  Result<void> has_room_for(const Delivery& delivery) const;

  void add(const Delivery& delivery);
  void remove(const Delivery& delivery);

  const QueueDepth& depth() const { return all_; }

 private:
  struct OfDevice {
    std::size_t deliveries = 0;
    std::size_t messages = 0;
    std::size_t bytes = 0;
  };

  const QueueLimits limits_;
  QueueDepth all_;
  /// Those of which something is held.
  boost::unordered_flat_map<DeviceNumber, OfDevice, std::hash<DeviceNumber>> by_device_;
};

}  // namespace packwalk::journal
