// Port: the messages of the store that go to the archive. Contract: tests/contract/archive_source_test.cc.
#pragma once

#include <functional>
#include <optional>
#include <span>

#include "ports/archive.h"

namespace packwalk {

/// Committed messages that may not be in the archive yet.
struct ArchiveBacklog {
  std::int64_t messages = 0;
  std::optional<ServerTime> oldest;  // when the first of them arrived; empty if there is none
};

/// Stores some originals, or returns an error.
using KeepOriginals = std::function<Result<void>(std::span<const Original>)>;

/// The limits of one piece, except for one more large message.
struct PieceLimits {
  std::size_t messages = 100'000;
  std::size_t bytes = 32UL * 1024 * 1024;
};

/// Calls block; one thread, but other processes may do the same. Errc::unavailable: try again.
class ArchiveSource {
 public:
  virtual ~ArchiveSource() = default;

  virtual Result<ArchiveBacklog> backlog() = 0;

  /// Passes on about one piece of the oldest backlog, and removes it from the backlog if all of it was stored. Returns
  /// the number of messages, some of them perhaps repeated; 0 for an empty backlog; empty if another process is doing
  /// the same. After any crash, a message that was not stored stays in the backlog.
  virtual Result<std::optional<std::int64_t>> copy_next(PieceLimits limits, const KeepOriginals& keep) = 0;

  /// Passes on all messages that arrived on `day`.
  virtual Result<std::int64_t> copy_day(Day day, PieceLimits limits, const KeepOriginals& keep) = 0;

  /// The last time that copy_next() or copy_day() stored messages of `day`; empty if never, or if some of the backlog
  /// arrived on that day.
  virtual Result<std::optional<ServerTime>> copied_at(Day day) = 0;

  /// Messages that arrived earlier may be only in the archive, because the store dropped them. Empty: none was dropped.
  virtual Result<std::optional<ServerTime>> archive_only_until() = 0;

  /// The days with a partition, even without messages. First attaches a partition again whose drop() was interrupted.
  virtual Result<std::vector<Day>> days() = 0;

  /// Drops all messages that arrived on a day, forever, if copied_at() is still `copied`. Returns whether it did.
  /// `digest` is that of the store for the day. Errc::conflict: a device is being erased. Does not block writers. From
  /// then on, queries read this day and earlier ones from the archive.
  virtual Result<bool> drop(const DayDigest& digest, ServerTime copied) = 0;

  /// For the erasure of a device that gets no more messages: waits for transactions that copy or drop and may have seen
  /// its messages. No day is dropped until the erasure has ended.
  virtual Result<void> wait_for_copies() = 0;
  /// Subtracts messages of an erased device from the result of dropped(). Only the first call for a device has an
  /// effect. `digests` are those of its dropped messages.
  virtual Result<void> take_off_dropped(DeviceNumber device, std::span<const DayDigest> digests) = 0;

  /// The devices whose erasure has ended: the archive must not have their messages.
  virtual Result<std::vector<DeviceNumber>> erased() = 0;

  /// The digests of dropped messages for the days of `range`, in order: the archive must have these messages.
  virtual Result<std::vector<DayDigest>> dropped(DayRange range) = 0;
};

}  // namespace packwalk
