// Port: a cache of recently claimed keys, of all workers. Contract: tests/contract/redis_seen_keys_test.cc.
#pragma once

#include <span>
#include <vector>

#include "core/packet/message.h"

namespace packwalk {

/// It may be wrong about any key, in both ways: only the store is authoritative. One thread; calls return soon, even on
/// errors.
class SeenKeys {
 public:
  virtual ~SeenKeys() = default;

  /// A hint for each key.
  virtual std::vector<bool> guess(std::span<const PacketKey> keys) = 0;
  /// Remembers claimed keys.
  virtual void remember(std::span<const PacketKey> keys) = 0;
};

}  // namespace packwalk
