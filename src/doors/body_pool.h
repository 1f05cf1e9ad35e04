// Threads of their own for large bodies: what unpacking and decoding them costs, nobody else waits for.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "base/ids.h"

namespace packwalk {

/// One body of a device at a time, the others of that device behind it, so that one device takes one thread at most.
/// The last quarter of the room is for bodies of up to 64 KiB of devices that have no other here. Thread-safe.
class BodyPool {
 public:
  struct Limits {
    std::size_t threads = 2;
    std::size_t bodies_max = 64;                 // that run or wait
    std::size_t bytes_max = 32UL * 1024 * 1024;  // of them, as they came
    std::size_t bodies_max_of_device = 8;
  };
  explicit BodyPool(const Limits& limits);
  BodyPool() : BodyPool(Limits{}) {}
  BodyPool(const BodyPool&) = delete;
  BodyPool& operator=(const BodyPool&) = delete;
  ~BodyPool();

  /// A body's place before the others of its device: the next one runs when nobody holds it any more.
  using Turn = std::shared_ptr<void>;
  using Work = std::function<void(const Turn& turn)>;

  using Failed = std::function<void(std::string_view what)>;

  /// Runs `work` on a thread of the pool, and `failed` with what it throws. Whatever that throws is ignored. False, at
  /// once, when there is no room or no memory for a body of `bytes`.
  bool run(DeviceNumber device, std::size_t bytes, Work work, Failed failed);

  /// Running or waiting.
  std::size_t bodies() const;

  /// Waits for the bodies under way; those that wait for a turn that is still held are dropped. No others are taken.
  void join();

 private:
  class Bodies;
  const std::shared_ptr<Bodies> bodies_;  // shared with every turn
};

}  // namespace packwalk
