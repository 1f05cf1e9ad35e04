// Takes the body of a device: decodes it, puts it on the queue, and returns the result.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/ingest/decode_upload.h"
#include "app/ingest/device_limits.h"
#include "ports/clock.h"

namespace packwalk {

/// Called once, from any thread. On an error, nothing was kept. Errc::too_large: too many or too long packets.
/// Errc::overloaded, Errc::unavailable: try again later.
using TakeReceipt = std::function<void(Result<Receipt>)>;

/// The original form of a body that was compressed.
struct Wrapping {
  std::size_t packed_bytes = 0;  // of the compressed body
  std::string packed;            // the compressed body, to be kept if the unpacked one is unreadable
  std::string unreadable;        // the error if it could not be unpacked: then `body` is the part that is kept
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

  void accept(DeviceNumber device, Transport transport, std::string body, const TakeReceipt& accepted,
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
  const std::shared_ptr<DeviceLimits> limits_;  // shared with uploads that wait for their confirmation
  const std::size_t day_max_;
};

}  // namespace packwalk
