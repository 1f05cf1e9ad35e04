// The uploads that wait for ingest, or that ingest has in hand.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <span>
#include <vector>

#include "adapters/journal/held_uploads.h"
#include "adapters/journal/segment.h"

namespace packwalk::journal {

inline constexpr SegmentNumber no_segment = 0;  // of an upload that does not stand in the journal

/// One that came through a door and stands nowhere yet.
struct Arrived {
  Upload upload;
  Confirmation confirm;
};

/// One thread at a time. Where memory runs out nothing is lost and nothing is doubled: an upload stays where it was.
class WaitingUploads {
 public:
  explicit WaitingUploads(QueueLimits limits) : held_(limits) {}

  /// All that is held: what has arrived, what waits, and what is in hand.
  const QueueDepth& depth() const { return held_.depth(); }
  Result<void> has_room_for(const Upload& upload) const { return held_.has_room_for(upload); }

  bool empty() const { return ready_.empty(); }
  std::size_t size() const { return ready_.size(); }
  const Upload* oldest() const;

  /// To be written into the journal. Throws std::bad_alloc, like all that adds.
  void add_arrived(Upload&& upload, Confirmation&& confirm);
  std::vector<Arrived> take_arrived() { return std::exchange(arrived_, {}); }
  bool has_arrived() const { return !arrived_.empty(); }

  /// To be given to ingest. `confirm` is of one that does not stand in the journal; the others were told.
  void add_ready(Upload&& upload, SegmentNumber segment, Confirmation&& confirm);
  /// Of a process before. These are counted until they are settled.
  void add_left(Upload&& upload, SegmentNumber segment);
  /// How many of a process before are not settled.
  std::size_t left() const { return left_; }
  /// Uploads that are held already, and now stand in a segment.
  void hand_on(std::span<Arrived> group, SegmentNumber segment);

  /// Holds uploads that are on their way into the journal from elsewhere: all of them, or none and false.
  bool hold_all(std::span<const Arrived> group);
  void remove(std::span<const Arrived> group);

  /// From the front, at most so many of both, but one upload at least.
  UploadBatch take(std::size_t messages_max, std::size_t uploads_max);
  void settle(const UploadBatch& batch);
  /// To the front again, but for those that do not stand in the journal: they are their senders'. Waits for memory, as
  /// what is confirmed must not be forgotten.
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
  std::map<SegmentNumber, std::size_t> unsettled_;  // uploads; a segment without any is not there
  std::size_t left_ = 0;
  SegmentNumber last_left_ = no_segment;  // that a process before wrote
};

}  // namespace packwalk::journal
