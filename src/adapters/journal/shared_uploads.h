// The state that the threads of the in-process queue share: senders put, the writer writes to the journal, ingest
// takes.
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

/// The held uploads and the state of the queue, under one lock. Thread-safe; each group of methods names the thread
/// that calls it.
class SharedUploads {
 public:
  explicit SharedUploads(QueueLimits limits);

  // For the opening thread, before other threads run.

  void add_left(Upload&& upload, SegmentNumber segment) { waiting_.add_left(std::move(upload), segment); }
  /// Until then, every upload goes into the journal first.
  void go_straight_from(std::chrono::steady_clock::time_point time) { straight_from_ = time; }

  // For any thread.

  /// Passes it directly to ingest if no upload is held, otherwise to the writer. As PacketIntake::put().
  Result<void> put(Upload upload, Confirmation confirm);
  QueueDepth depth(ServerTime now) const;
  /// The number of unsettled uploads of a previous process.
  std::size_t left() const;
  bool is_erased(DeviceNumber device) const;
  void count_dead_letter();
  void close();

  // For the thread of ingest.

  /// As PacketSource::take(). While uploads of a previous process are left, takes at most `uploads_max` of them.
  UploadBatch take(std::size_t messages_max, std::size_t uploads_max);
  /// Releases a committed batch. Keeps the uploads of a failed one for another attempt.
  void settle(UploadBatch batch, const Result<void>& kept);

  // For the writer's thread.

  /// Waits until an upload arrives, the queue is closed, or `until`. Empty: the queue is closed and everything is
  /// written.
  std::optional<std::vector<Arrived>> wait_for_arrived(std::chrono::steady_clock::time_point until);
  /// Refuses uploads that could not be written, and notifies their senders.
  void refuse(std::span<Arrived> group, const Error& error);
  /// Passes uploads that are now in a segment to ingest, and confirms them. On an error, none was passed on.
  Result<void> hand_on(std::span<Arrived> group, SegmentNumber segment);
  /// Adds uploads from a file instead of a sender: all of them, or none (false) if there is no room.
  bool hold_all(std::span<const Arrived> group);
  bool is_settled(SegmentNumber segment) const;
  void erase(DeviceNumber device);
  /// As is_erased(), without the lock: only the writer's thread calls erase().
  bool was_erased(DeviceNumber device) const { return erased_.contains(device); }
  void count_set_aside(const QueueDepth::SetAside& in_folder);
  /// From now on, ingest gets no more uploads.
  void end_writing();

 private:
  bool drained() const { return closed_ && written_all_; }
  bool may_go_straight() const;
  void forget(const UploadBatch& batch);
  void give_back(UploadBatch batch);

  const QueueLimits limits_;
  std::optional<std::chrono::steady_clock::time_point> straight_from_;  // not before this time; empty: always

  mutable std::mutex mutex_;
  std::condition_variable arrived_changed_;
  std::condition_variable ready_changed_;
  WaitingUploads waiting_;         // guarded by mutex_, like all below
  std::set<DeviceNumber> erased_;  // during this process
  std::size_t dead_ = 0;
  QueueDepth::SetAside in_folder_;  // at the last count
  std::chrono::milliseconds retry_pause_;
  bool failing_ = false;                                             // whether the last batch could not be committed
  bool idle_ = false;                                                // whether the consumer waits
  std::optional<std::chrono::steady_clock::time_point> refused_at_;  // when the last write failed
  bool closed_ = false;
  bool written_all_ = false;
};

}  // namespace packwalk::journal
