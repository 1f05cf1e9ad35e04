// The content of the queue, and its limits.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <functional>

#include "adapters/journal/queue_limits.h"
#include "ports/packet_queue.h"

namespace packwalk::journal {

/// Counts for all devices and per device. One thread at a time.
class HeldUploads {
 public:
  explicit HeldUploads(QueueLimits limits) : limits_(limits) {}

  /// Errc::overloaded: the queue or the device's share is full. An empty queue accepts any upload, and a device without
  /// waiting uploads may use all free room: otherwise an upload larger than the limits would never be accepted.
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
  /// The devices with held uploads.
  boost::unordered_flat_map<DeviceNumber, OfDevice, std::hash<DeviceNumber>> by_device_;
};

}  // namespace packwalk::journal
