// Port: where originals are kept beside the store, so that the store need not keep them for ever. Contract:
// tests/contract/archive_test.cc.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ports/query_store.h"

namespace packwalk {

/// A day of arrival, UTC. Half-open: from <= day < until.
using Day = std::chrono::sys_days;
struct DayRange {
  Day from{};
  Day until{};
};

inline Day day_of(ServerTime time) { return std::chrono::floor<std::chrono::days>(time); }

/// A message with all that is kept of it, as it goes from one place to another.
struct Original {
  DeviceNumber device;
  StoredMessage message;
};

/// Where an original is: no other is there.
struct OriginalKey {
  DeviceNumber device;
  MessageCursor place;

  friend auto operator<=>(const OriginalKey&, const OriginalKey&) = default;
};
inline OriginalKey place_of(const Original& original) {
  return {original.device, {original.message.received_at, original.message.ordinal}};
}

/// What two places that keep the same messages of a day agree on.
struct DayDigest {
  Day day{};
  std::int64_t messages = 0;
  std::uint64_t hash = 0;  // the hashes of its messages, all combined by XOR: their order does not matter

  friend bool operator==(const DayDigest&, const DayDigest&) = default;
};

/// The first eight bytes, as a big-endian number, of the MD5 of "device received_at ordinal transport verdict hash
/// size-of-reason reason content": numbers in decimals, one space after each part but the last. A database can compute
/// it where the messages are. It finds what went wrong, not who did it.
std::uint64_t digest_hash(DeviceNumber device, const StoredMessage& message);

/// Thread-safe; calls block. Errc::unavailable: try again.
class Archive {
 public:
  virtual ~Archive() = default;

  /// Adds messages; one that is there already (device, received_at, ordinal) is replaced. After an error any part of
  /// them may be there: keep all of them again.
  virtual Result<void> keep(std::span<const Original> originals) = 0;

  /// As QueryStore::messages().
  virtual Result<std::vector<StoredMessage>> messages(DeviceNumber device, std::optional<Verdict> verdict,
                                                      MessageCursor after, std::size_t limit) = 0;

  /// What is kept at some places, in no order.
  virtual Result<std::vector<Original>> originals_at(std::span<const OriginalKey> places) = 0;

  /// Of the days of `range` that have messages, in their order. Reads all of them.
  virtual Result<std::vector<DayDigest>> digests(DayRange range) = 0;
  /// Those of one device alone.
  virtual Result<std::vector<DayDigest>> digests(DayRange range, DeviceNumber device) = 0;

  /// Deletes all messages of a device, and returns when no question finds one any more. Errc::unavailable: it may go on
  /// by itself; ask again.
  virtual Result<void> erase(DeviceNumber device) = 0;
  /// How many rows there are of a device, doubles counted.
  virtual Result<std::int64_t> count(DeviceNumber device) = 0;
};

}  // namespace packwalk
