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

/// Some positions; none: the worker is alive.
struct BusMessage {
  std::uint64_t worker = 0;  // drawn at its start
  std::uint64_t number = 0;  // from 1, one more each
  std::vector<DevicePosition> positions;
};

/// u64 worker, u64 number, and for each position i64 device, f64 lat, lon, altitude, accuracy (NaN: unknown), i64
/// timestamp, i64 received_at, u8 status; little-endian.
std::string bus_message(std::uint64_t worker, std::uint64_t number, std::span<const DevicePosition> positions);

/// Nothing when the bytes are no message.
std::optional<BusMessage> bus_message_from(std::string_view bytes);

}  // namespace packwalk::redis
