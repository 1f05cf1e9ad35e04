// What a door does with the body of a device: decode it, put it on the queue, and say what became of it.
#pragma once

#include <functional>
#include <string>

#include "app/decode_delivery.h"
#include "ports/clock.h"

namespace packwalk {

/// Called once, from any thread; on an error nothing was kept. Errc::too_large: more packets than a request may have;
/// Errc::overloaded, Errc::unavailable: try again later.
using Accepted = std::function<void(Result<Receipt>)>;

/// Thread-safe.
class AcceptPackets {
 public:
  AcceptPackets(PacketIntake& queue, Clock& clock, const AcceptRules& rules)
      : queue_(queue), clock_(clock), rules_(rules) {}

  /// `unreadable` says why a body could not even be unpacked: it is kept as it is, as one invalid message.
  void accept(DeviceNumber device, Transport transport, std::string body, const Accepted& accepted,
              std::string unreadable = "") const;

 private:
  PacketIntake& queue_;
  Clock& clock_;
  const AcceptRules rules_;
};

}  // namespace packwalk
