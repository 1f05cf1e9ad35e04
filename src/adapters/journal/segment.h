// A file of the journal: records one after another in blocks that exist beforehand.
//
//   u32 bytes of the payload, u64 XXH3 of the payload seeded with its size and the segment's number, the payload
//
// All little-endian. The first record whose hash is wrong ends the segment: what follows was never confirmed, or is
// left from a life before, under another number.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace packwalk::journal {

using SegmentNumber = std::uint64_t;

/// What a payload takes in a file.
std::size_t record_size(std::size_t payload_size);

/// Appends the record of `payload` to `bytes`.
void append_record(std::string& bytes, std::string_view payload, SegmentNumber number);

/// Owns an open file. One thread.
class Segment {
 public:
  /// Makes a file of `size` bytes, all written, so that later writes change no metadata. Errc::unavailable when the
  /// disk is full.
  static Result<Segment> create(const std::string& folder, SegmentNumber number, std::size_t size);

  Segment(Segment&& other) noexcept;
  Segment& operator=(Segment&& other) noexcept;
  ~Segment();

  SegmentNumber number() const { return number_; }
  std::size_t size() const { return size_; }
  std::size_t room() const { return size_ - end_; }

  /// Writes whole records after those before and waits until they are on disk. At most room() bytes.
  Result<void> append(std::string_view records);

  /// Nothing stands in it any more.
  Result<void> clear();

  /// A new life under another number; what stood in it no longer counts.
  Result<void> renumber(const std::string& folder, SegmentNumber number);

 private:
  Segment(int file, SegmentNumber number, std::size_t size) : file_(file), number_(number), size_(size) {}

  int file_ = -1;
  SegmentNumber number_ = 0;
  std::size_t size_ = 0;
  std::size_t end_ = 0;
};

std::string segment_path(const std::string& folder, SegmentNumber number);

/// The payloads of a file, in order. Errc::unavailable when it cannot be read.
Result<void> read_segment(const std::string& folder, SegmentNumber number,
                          const std::function<void(std::string_view payload)>& take);

/// The numbers of the segments in a folder, least first.
Result<std::vector<SegmentNumber>> segments_in(const std::string& folder);

/// Waits until the folder's list of names is on disk.
Result<void> sync_folder(const std::string& folder);

}  // namespace packwalk::journal
