// What the threads of the in-process queue share: senders put, the writer moves to the journal, ingest takes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "adapters/journal/waiting_uploads.h"

namespace packwalk::journal {

/// The uploads that are held, under one lock, and the state of the queue. Thread-safe; each group of methods says whose
/// thread calls it.
class SharedUploads {
 public:
  explicit SharedUploads(QueueLimits limits);

  // Whoever opens the queue, before other threads run.

  void add_left(Upload&& upload, SegmentNumber segment) { waiting_.add_left(std::move(upload), segment); }
  /// Until then every upload goes into the journal first.
  void go_straight_from(std::chrono::steady_clock::time_point time) { straight_from_ = time; }

  // Any thread.

  /// Straight to ingest if nothing else is held, else to the writer. As PacketIntake::put().
  Result<void> put(Upload upload, Confirmation confirm);
  QueueDepth depth(ServerTime now) const;
  /// Uploads that a process before left and that are not settled.
  std::size_t left() const;
  bool is_erased(DeviceNumber device) const;
  void count_dead_letter();
  void close();

  // The thread of ingest.

  /// As PacketSource::take(). While uploads of a process before are left, at most `uploads_max` of them.
  UploadBatch take(std::size_t messages_max, std::size_t uploads_max);
  /// Forgets a batch that is kept; keeps the uploads of one that is not for another attempt.
  void settle(UploadBatch batch, const Result<void>& kept);

  // The writer's thread.

  /// Waits until something has arrived, the queue is closed, or `until`. Nothing: it is closed, and all is written.
  std::optional<std::vector<Arrived>> wait_for_arrived(std::chrono::steady_clock::time_point until);
  /// Refuses uploads that could not be written, and says so to their senders.
  void refuse(std::span<Arrived> group, const Error& error);
  /// Gives uploads that now stand in a segment to ingest, and confirms them. On an error none of them was handed on.
  Result<void> hand_on(std::span<Arrived> group, SegmentNumber segment);
  /// Holds uploads that come from a file rather than a sender: all of them, or none and false when there is no room.
  bool hold_all(std::span<const Arrived> group);
  bool is_settled(SegmentNumber segment) const;
  void erase(DeviceNumber device);
  /// As is_erased(), without the lock: only the writer's thread calls erase().
  bool was_erased(DeviceNumber device) const { return erased_.contains(device); }
  void count_set_aside(const QueueDepth::SetAside& in_folder);
  /// From now on nothing more comes to ingest.
  void end_writing();

 private:
  bool drained() const { return closed_ && written_all_; }
  bool may_go_straight() const;
  void forget(const UploadBatch& batch);
  void give_back(UploadBatch batch);

  const QueueLimits limits_;
  std::optional<std::chrono::steady_clock::time_point> straight_from_;  // not before; none: always

  mutable std::mutex mutex_;
  std::condition_variable arrived_changed_;
  std::condition_variable ready_changed_;
  WaitingUploads waiting_;         // guarded by mutex_, like all below
  std::set<DeviceNumber> erased_;  // while this process runs
  std::size_t dead_ = 0;
  QueueDepth::SetAside in_folder_;  // as it was counted last
  std::chrono::milliseconds retry_pause_;
  bool failing_ = false;                                             // the last batch could not be committed
  bool idle_ = false;                                                // the consumer waits
  std::optional<std::chrono::steady_clock::time_point> refused_at_;  // when the last write failed
  bool closed_ = false;
  bool written_all_ = false;
};

}  // namespace packwalk::journal
