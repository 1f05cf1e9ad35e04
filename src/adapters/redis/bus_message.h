// One message on the bus.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/state/fix.h"

namespace packwalk::redis {

/// Positions. An empty message shows that the worker is alive.
struct BusMessage {
  std::uint64_t worker = 0;  // random, chosen at its start
  std::uint64_t number = 0;  // from 1, incremented per message
  std::vector<DevicePosition> positions;
};

/// u64 worker, u64 number, and for each position i64 device, f64 lat, lon, altitude, accuracy (NaN: unknown), i64
/// timestamp, i64 received_at, u8 status; little-endian.
std::string bus_message(std::uint64_t worker, std::uint64_t number, std::span<const DevicePosition> positions);

/// Empty if the bytes are not a message.
std::optional<BusMessage> bus_message_from(std::string_view bytes);

}  // namespace packwalk::redis
