// Port: the messages of the store, as they go to the archive. Contract: tests/contract/archive_source_test.cc.
#pragma once

#include <functional>
#include <optional>
#include <span>

#include "ports/archive.h"

namespace packwalk {

/// What was committed and perhaps is not in the archive yet.
struct ArchiveBacklog {
  std::int64_t messages = 0;
  std::optional<ServerTime> oldest;  // when the first of them arrived; nothing when there are none
};

/// Keeps some originals, or says why not.
using KeepOriginals = std::function<Result<void>(std::span<const Original>)>;

/// At most so much is handed over at once, but for one large message more.
struct PieceLimits {
  std::size_t messages = 100'000;
  std::size_t bytes = 32UL * 1024 * 1024;
};

/// Calls block; one thread, though other processes do the same beside it. Errc::unavailable: try again.
class ArchiveSource {
 public:
  virtual ~ArchiveSource() = default;

  virtual Result<ArchiveBacklog> backlog() = 0;

  /// Hands over what of the backlog was committed first, about one piece of it, and takes that off the backlog if all
  /// was kept. Says how many messages were handed over: some of them perhaps again, and 0 for an empty backlog; nothing
  /// when another process is doing the same. Whatever crashes, a message that is not kept stays in the backlog.
  virtual Result<std::optional<std::int64_t>> copy_next(PieceLimits limits, const KeepOriginals& keep) = 0;

  /// Hands over all messages that arrived on `day`.
  virtual Result<std::int64_t> copy_day(Day day, PieceLimits limits, const KeepOriginals& keep) = 0;

  /// When messages of `day` were last kept by copy_next() or copy_day(); nothing when that never was, or when some of
  /// the backlog arrived then.
  virtual Result<std::optional<ServerTime>> copied_at(Day day) = 0;

  /// Messages that arrived earlier may be in the archive alone: they were dropped here. Nothing: none were.
  virtual Result<std::optional<ServerTime>> archive_only_until() = 0;

  /// The days that the store has a partition for, whether or not it has messages. One whose drop() was interrupted is
  /// first brought back.
  virtual Result<std::vector<Day>> days() = 0;

  /// Drops all messages that arrived on a day, for ever, if copied_at() still is `copied`; says whether it did.
  /// `digest` is what the store has of that day. Errc::conflict while a device is being erased. Holds up nobody who
  /// writes, and everybody who asks looks into the archive for this day and those before it.
  virtual Result<bool> drop(const DayDigest& digest, ServerTime copied) = 0;

  /// For the erasing of a device, of which nothing is added any more: waits until what was copied or dropped in a
  /// transaction that may have seen its messages is copied or dropped. Nothing is dropped until the erasure has ended.
  virtual Result<void> wait_for_copies() = 0;
  /// Takes messages of an erased device off what dropped() tells, at the first call for this device; later ones do
  /// nothing. `digests` is what of it was dropped here.
  virtual Result<void> take_off_dropped(DeviceNumber device, std::span<const DayDigest> digests) = 0;

  /// The devices whose erasure has ended: the archive must have nothing of them.
  virtual Result<std::vector<DeviceNumber>> erased() = 0;

  /// What was dropped of the days of `range`, in their order: the archive must have it.
  virtual Result<std::vector<DayDigest>> dropped(DayRange range) = 0;
};

}  // namespace packwalk
