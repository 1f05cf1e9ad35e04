// The uploads that wait for ingest, or that ingest is committing.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <span>
#include <vector>

#include "adapters/journal/held_uploads.h"
#include "adapters/journal/segment.h"

namespace packwalk::journal {

inline constexpr SegmentNumber no_segment = 0;  // of an upload that is not in the journal

/// A new upload from a door, which is not in the journal yet.
struct Arrived {
  Upload upload;
  Confirmation confirm;
};

/// One thread at a time. If memory runs out, uploads stay where they were: none is lost or duplicated.
class WaitingUploads {
 public:
  explicit WaitingUploads(QueueLimits limits) : held_(limits) {}

  /// All held uploads: arrived, waiting, and in work.
  const QueueDepth& depth() const { return held_.depth(); }
  Result<void> has_room_for(const Upload& upload) const { return held_.has_room_for(upload); }

  bool empty() const { return ready_.empty(); }
  std::size_t size() const { return ready_.size(); }
  const Upload* oldest() const;

  /// Adds an upload for the writer. Throws std::bad_alloc, like all functions that add.
  void add_arrived(Upload&& upload, Confirmation&& confirm);
  std::vector<Arrived> take_arrived() { return std::exchange(arrived_, {}); }
  bool has_arrived() const { return !arrived_.empty(); }

  /// Adds an upload for ingest. `confirm` is set if it is not in the journal; the others are confirmed already.
  void add_ready(Upload&& upload, SegmentNumber segment, Confirmation&& confirm);
  /// Adds an upload of a previous process, which counts as left until it is settled.
  void add_left(Upload&& upload, SegmentNumber segment);
  /// The number of unsettled uploads of a previous process.
  std::size_t left() const { return left_; }
  /// Moves held uploads that are now in a segment to ingest.
  void hand_on(std::span<Arrived> group, SegmentNumber segment);

  /// Adds uploads that enter the journal from a file: all of them, or none (false).
  bool hold_all(std::span<const Arrived> group);
  void remove(std::span<const Arrived> group);

  /// Takes uploads from the front: at most these limits, but at least one.
  UploadBatch take(std::size_t messages_max, std::size_t uploads_max);
  void settle(const UploadBatch& batch);
  /// Returns uploads to the front, except those that are not in the journal: their senders send them again. Waits for
  /// memory, because confirmed uploads must not be lost.
  void give_back(UploadBatch batch);

  bool is_settled(SegmentNumber segment) const { return !unsettled_.contains(segment); }

 private:
  struct Ready {
    Upload upload;
    SegmentNumber segment = no_segment;
    Confirmation confirm;
  };

  template <class Line>
  typename Line::value_type& hold_in(Line& line, Upload&& upload);
  void make_room_in_front(std::size_t count);

  std::vector<Arrived> arrived_;
  std::deque<Ready> ready_;
  HeldUploads held_;
  std::map<SegmentNumber, std::size_t> unsettled_;  // uploads per segment; a segment without uploads has no entry
  std::size_t left_ = 0;
  SegmentNumber last_left_ = no_segment;  // segments that a previous process wrote
};

}  // namespace packwalk::journal
