// Messages on their way from the store to an archive, and their digests per day.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

#include "core/packet/stored_message.h"

namespace packwalk {

/// A day of arrival, UTC. Half-open: from <= day < until.
using Day = std::chrono::sys_days;
struct DayRange {
  Day from{};
  Day until{};
};

inline Day day_of(ServerTime time) { return std::chrono::floor<std::chrono::days>(time); }

/// A message with everything that is kept of it.
struct Original {
  DeviceNumber device;
  StoredMessage message;
};

/// The unique key of an original.
struct OriginalKey {
  DeviceNumber device;
  MessageCursor arrival;

  friend auto operator<=>(const OriginalKey&, const OriginalKey&) = default;
};
inline OriginalKey key_of(const Original& original) { return {original.device, cursor_of(original.message)}; }

/// The digest of a day, which is equal in a store and an archive with the same messages.
struct DayDigest {
  Day day{};
  std::int64_t messages = 0;
  std::uint64_t hash = 0;  // the hashes of its messages, all combined by XOR: their order does not matter

  friend bool operator==(const DayDigest&, const DayDigest&) = default;
};

/// The first eight bytes, as a big-endian number, of the MD5 of "device received_at ordinal transport verdict hash
/// size-of-reason reason content": numbers in decimals, one space after each part but the last. A database can compute
/// it itself. It detects faults, not attacks.
std::uint64_t digest_hash(DeviceNumber device, const StoredMessage& message);

}  // namespace packwalk
