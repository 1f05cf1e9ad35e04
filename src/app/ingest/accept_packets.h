// What a door does with the body of a device: decode it, put it on the queue, and say what became of it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/ingest/decode_upload.h"
#include "app/ingest/device_limits.h"
#include "ports/clock.h"

namespace packwalk {

/// Called once, from any thread; on an error nothing was kept. Errc::too_large: more packets than a request may have,
/// or longer ones; Errc::overloaded, Errc::unavailable: try again later.
using Accepted = std::function<void(Result<Receipt>)>;

/// How a body came, unless it came plain.
struct Wrapping {
  std::size_t packed_bytes = 0;  // of the compressed body
  std::string packed;            // the compressed body, where that is to be kept if it cannot be read when unpacked
  std::string unreadable;        // why it could not even be unpacked: then the body is what is kept of it
};

/// Thread-safe.
class AcceptPackets {
 public:
  AcceptPackets(PacketIntake& queue, Clock& clock, const AcceptRules& rules, const DeviceLimitRules& limits = {})
      : queue_(queue),
        clock_(clock),
        rules_(rules),
        limits_(std::make_shared<DeviceLimits>(limits)),
        day_max_(limits.day_max) {}

  void accept(DeviceNumber device, Transport transport, std::string body, const Accepted& accepted,
              const Wrapping& wrapping = {}) const;

  std::size_t packets_max() const { return rules_.packets_max; }

  /// Whether the device has reached a limit, so that its body need not be read.
  std::optional<LimitReached> limit_of(DeviceNumber device) const { return limits_->reached(device, clock_.now()); }
  /// A body of the device was too large when it was unpacked.
  void count_too_large(DeviceNumber device) const;

 private:
  PacketIntake& queue_;
  Clock& clock_;
  const AcceptRules rules_;
  const std::shared_ptr<DeviceLimits> limits_;  // shared with what waits for its confirmation
  const std::size_t day_max_;
};

}  // namespace packwalk
