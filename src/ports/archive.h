// Port: the archive of original messages, so that the store may drop them. Contract: tests/contract/archive_test.cc.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/packet/original.h"
#include "ports/message_reader.h"

namespace packwalk {

/// Thread-safe; calls block. Errc::unavailable: try again.
class Archive : public MessageReader {
 public:
  /// Upserts messages by (device, received_at, ordinal). After an error, any part of them may be stored: write all of
  /// them again.
  virtual Result<void> keep(std::span<const Original> originals) = 0;

  /// The originals of some keys, in no order.
  virtual Result<std::vector<Original>> originals(std::span<const OriginalKey> keys) = 0;

  /// Of the days of `range` that have messages, in their order. Reads all of them.
  virtual Result<std::vector<DayDigest>> digests(DayRange range) = 0;
  /// Those of one device alone.
  virtual Result<std::vector<DayDigest>> digests(DayRange range, DeviceNumber device) = 0;

  /// Deletes all messages of a device, and returns when no query finds one any more. Errc::unavailable: the deletion
  /// may still be running; call it again.
  virtual Result<void> erase(DeviceNumber device) = 0;
  /// The number of rows of a device, including duplicates.
  virtual Result<std::int64_t> count(DeviceNumber device) = 0;
};

}  // namespace packwalk
