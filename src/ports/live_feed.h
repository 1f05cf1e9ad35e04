// Port: who wants to know at once where dogs are.
#pragma once

#include <span>

#include "core/state/fix.h"

namespace packwalk {

class LiveFeed {
 public:
  virtual ~LiveFeed() = default;

  /// Thread-safe. After the commit that made them: the last fixes of some devices, some of them perhaps once more.
  virtual void publish(std::span<const DevicePosition> positions) = 0;
};

}  // namespace packwalk
