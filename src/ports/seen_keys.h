// Port: which keys were lately claimed, by any worker, as far as somebody remembers.
// Contract: tests/contract/redis_seen_keys_test.cc.
#pragma once

#include <span>
#include <vector>

#include "core/packet/message.h"

namespace packwalk {

/// It may be wrong about any key, both ways: only the store knows. One thread; calls return soon, whatever happened.
class SeenKeys {
 public:
  virtual ~SeenKeys() = default;

  /// A guess for each key.
  virtual std::vector<bool> guess(std::span<const PacketKey> keys) = 0;
  /// They are taken.
  virtual void remember(std::span<const PacketKey> keys) = 0;
};

}  // namespace packwalk
