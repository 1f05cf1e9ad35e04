// The target of a live simulation's packets.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "base/units.h"
#include "town/collar.h"

namespace packwalk {

/// One thread owns one sink.
class UploadSink {
 public:
  virtual ~UploadSink() = default;
  /// Sends packets of one device as its collar would, in one request. May return before the answer arrives.
  /// Errc::unavailable and Errc::overloaded: nothing was sent, the same will be offered again later. Any other error:
  /// it is given up.
  virtual Result<void> send(const std::string& device, std::span<const town::Packet> packets) = 0;
  /// Waits, and handles arriving answers.
  virtual void wait_until(ServerTime until) = 0;
  /// Waits for the outstanding answers.
  virtual Result<void> finish() = 0;
};

}  // namespace packwalk
