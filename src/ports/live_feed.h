// Port: live positions, between processes or within one.
#pragma once

#include <span>

#include "core/state/fix.h"

namespace packwalk {

class LiveFeed {
 public:
  virtual ~LiveFeed() = default;

  /// Publishes the last fixes of some devices after their commit, some perhaps repeatedly. Thread-safe, returns
  /// immediately. Drops positions that cannot be sent; followers in other processes detect the miss.
  virtual void publish(std::span<const DevicePosition> positions) = 0;
};

class NobodyListens final : public LiveFeed {
 public:
  void publish(std::span<const DevicePosition> /*positions*/) override {}
};

/// Receives positions from other processes. Called on one thread of the source.
class LiveListener {
 public:
  virtual ~LiveListener() = default;
  virtual void hear(std::span<const DevicePosition> positions) = 0;
  /// From now on, everything is received, but earlier positions may have been missed.
  virtual void miss() = 0;
};

/// Follows a feed during its lifetime.
class LiveSource {
 public:
  virtual ~LiveSource() = default;
  /// Whether it is connected. Thread-safe.
  virtual bool is_following() const = 0;
};

}  // namespace packwalk
