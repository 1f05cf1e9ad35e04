// Threads that unpack and decode large bodies, so that other requests do not wait for them.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "base/ids.h"

namespace packwalk {

/// Processes one body per device at a time, so that one device occupies at most one thread. The last quarter of the
/// room is for bodies of up to 64 KiB of devices with no other body here. Thread-safe.
class BodyPool {
 public:
  struct Limits {
    std::size_t threads = 2;
    std::size_t bodies_max = 64;                 // that run or wait
    std::size_t bytes_max = 32UL * 1024 * 1024;  // of their bytes, as received
    std::size_t bodies_max_of_device = 8;
  };
  explicit BodyPool(const Limits& limits);
  BodyPool() : BodyPool(Limits{}) {}
  BodyPool(const BodyPool&) = delete;
  BodyPool& operator=(const BodyPool&) = delete;
  ~BodyPool();

  /// The turn of a body. The next body of the device runs when the last copy of the turn is destroyed.
  using Turn = std::shared_ptr<void>;
  using Work = std::function<void(const Turn& turn)>;

  using Failed = std::function<void(std::string_view what)>;

  /// Runs `work` on a thread of the pool. If it throws, calls `failed` with the exception's text. Ignores exceptions of
  /// `failed`. Returns false immediately if there is no room or no memory for a body of `bytes`.
  bool run(DeviceNumber device, std::size_t bytes, Work work, Failed failed);

  /// Running or waiting.
  std::size_t bodies() const;

  /// Accepts no more bodies, waits for the running ones, and drops those whose turn is still held by another.
  void join();

 private:
  class Bodies;
  const std::shared_ptr<Bodies> bodies_;  // shared with every turn
};

}  // namespace packwalk
