// Port: who wants to know at once where dogs are, perhaps in another process.
#pragma once

#include <span>

#include "core/state/fix.h"

namespace packwalk {

class LiveFeed {
 public:
  virtual ~LiveFeed() = default;

  /// Thread-safe, returns at once. After the commit that made them: the last fixes of some devices, some of them
  /// perhaps once more. What cannot be told is dropped; whoever follows another process learns that it missed
  /// something.
  virtual void publish(std::span<const DevicePosition> positions) = 0;
};

/// What is told by others. Called on one thread of the source.
class LiveListener {
 public:
  virtual ~LiveListener() = default;
  virtual void hear(std::span<const DevicePosition> positions) = 0;
  /// From now on everything is heard, but something before may have been missed.
  virtual void miss() = 0;
};

/// Follows a feed as long as it lives.
class LiveSource {
 public:
  virtual ~LiveSource() = default;
  /// Thread-safe. False while nothing can be heard.
  virtual bool is_following() const = 0;
};

}  // namespace packwalk
