// The memory of the position index: blocks of positions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

#include "base/large_page.h"
#include "core/state/fix.h"

namespace packwalk {

/// The data of a device besides its position.
struct Rest {
  std::int64_t device;
  MaybeMeters altitude;
  MaybeMeters accuracy;
  std::int64_t received_at;
  std::int32_t timestamp;  // every device time fits
  std::uint8_t status;
};

inline constexpr std::size_t block_positions = 8;

/// Some positions of one leaf. The coordinates are separate, because the other bytes are read only for hits.
struct Block {
  std::array<LatLon, block_positions> positions;
  std::array<Rest, block_positions> rests;

  DevicePosition position(std::size_t at) const {
    const Rest& rest = rests[at];
    return {DeviceNumber{rest.device}, Fix{.position = positions[at],
                                           .altitude = rest.altitude,
                                           .accuracy = rest.accuracy,
                                           .timestamp = device_time(rest.timestamp),
                                           .received_at = server_time(rest.received_at),
                                           .status = rest.status}};
  }

  void set(std::size_t at, const DevicePosition& position) {
    const Fix& fix = position.fix;
    positions[at] = fix.position;
    rests[at] = {.device = position.device.value,
                 .altitude = fix.altitude,
                 .accuracy = fix.accuracy,
                 .received_at = microseconds_since_1970(fix.received_at),
                 .timestamp = static_cast<std::int32_t>(seconds_since_1970(fix.timestamp)),
                 .status = fix.status};
  }
};

/// Prefetches its bytes while others are checked: a box far from the last one is in no cache.
inline void fetch_ahead(const Block& block) {
  constexpr std::size_t line_size = 64;
  const char* bytes = reinterpret_cast<const char*>(&block);
  for (std::size_t at = 0; at < sizeof block; at += line_size) __builtin_prefetch(bytes + at);
}

/// Blocks by number, in chunks of two megabytes that request one huge page each: a box far from the last one would
/// otherwise cause a TLB miss per block.
class Blocks {
 public:
  Block& operator[](std::size_t id) { return chunks_[id / chunk_blocks][id % chunk_blocks]; }
  const Block& operator[](std::size_t id) const { return chunks_[id / chunk_blocks][id % chunk_blocks]; }
  std::size_t size() const { return size_; }

  void grow() {
    if (size_ % chunk_blocks == 0) chunks_.push_back(new_chunk());
    new (&(*this)[size_++]) Block();
  }

 private:
  static constexpr std::size_t chunk_blocks = large_page_bytes / sizeof(Block);
  static_assert(std::is_trivially_destructible_v<Block>);

  struct Free {
    void operator()(Block* chunk) const { std::free(chunk); }
  };

  static std::unique_ptr<Block[], Free> new_chunk() {
    return std::unique_ptr<Block[], Free>(static_cast<Block*>(allocate_large_page()));
  }

  std::vector<std::unique_ptr<Block[], Free>> chunks_;
  std::size_t size_ = 0;
};

}  // namespace packwalk
