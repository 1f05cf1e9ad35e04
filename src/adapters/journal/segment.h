// A file of the journal: records one after another in blocks that exist beforehand.
//
//   u32 check, u32 bytes of the payload, u32 where the segment before ended, u64 hash of the payload, the payload
//
// All little-endian. The hash is XXH3 of the payload. The check is XXH3 (its low half) of the three fields behind it
// and of the offset of the record in the file. Both have the seed of the segment, which is random and stands in the
// name of the file only: no sender knows it, so no payload can imitate a record, and what stands in blocks from a life
// before, under another name, is no record. Why: docs/decisions/in-process-queue-is-a-journal.md.
//
// A file begins with a record of zeros, which is flushed before the file has its name and before anything is confirmed.
// So a file without a sound record was ruined: a write that was torn, or a life before, leaves that record whole. Files
// of the version before do not have it.
//
// The first format had no check and no seed in the name: u32 bytes of the payload, u64 hash of the payload with its
// size and the segment's number for a seed, the payload. It is only read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace packwalk::journal {

using SegmentNumber = std::uint64_t;

/// What the name of a file says.
struct SegmentName {
  SegmentNumber number = 0;
  std::optional<std::uint64_t> seed;  // none: of the first format

  /// A name that nobody can guess.
  static SegmentName with_random_seed(SegmentNumber number);
  /// Of "000000000001.0123456789abcdef" or, of the first format, "000000000001".
  static std::optional<SegmentName> from_text(std::string_view text);
  std::string text() const;

  friend auto operator<=>(const SegmentName&, const SegmentName&) = default;
};

inline constexpr std::string_view segment_suffix = ".journal";
inline constexpr std::string_view spare_suffix = ".spare";      // no record counts in it; its blocks are used again
inline constexpr std::string_view dead_suffix = ".dead";        // uploads that were set aside
inline constexpr std::string_view requeue_suffix = ".requeue";  // the same, to be taken again
inline constexpr std::string_view damaged_suffix = ".journal.damaged";
inline constexpr std::string_view dead_damaged_suffix = ".dead.damaged";

/// A record and where it stands.
struct RecordPosition {
  std::size_t offset = 0;          // of its header in the file
  std::size_t payload_offset = 0;  // in the file
  std::size_t payload_size = 0;
  std::uint32_t previous_end = 0;  // where the segment before ended; 0 in the first format

  std::size_t end() const { return payload_offset + payload_size; }
};

/// What a payload takes in a file.
std::size_t record_size(std::size_t payload_size);

/// Appends the record of `payload` to `bytes`; of `position` count only the offset in a file of this name, and where
/// the segment before ended. The first format is only for what must be overwritten where it stands, and for tests.
void append_record(std::string& bytes, std::string_view payload, const SegmentName& name,
                   const RecordPosition& position);

/// The record at `offset` of a file that has these bytes; nothing when what stands there is none. Looks at the payload
/// only if the header has the right check; in the first format, whose header proves nothing, always.
std::optional<RecordPosition> record_at(std::string_view bytes, std::size_t offset, const SegmentName& name);

/// What a file of this name begins with.
std::string beginning_of(const SegmentName& name, std::uint32_t previous_end);
/// How many bytes that are.
std::size_t beginning_size();
/// Whether that is the record at this position.
bool is_beginning(std::string_view bytes, const RecordPosition& position);

/// The size of the payload by a header of the first format; 0 when the file is too short for it.
std::size_t claimed_size(std::string_view bytes, std::size_t offset);

/// Owns an open file. One thread.
class Segment {
 public:
  /// Makes a file of `size` bytes, all written, so that later writes change no metadata. `previous_end`: where the
  /// segment before ended. Errc::unavailable when the disk is full.
  static Result<Segment> create(const std::string& folder, SegmentNumber number, std::size_t size,
                                std::uint32_t previous_end);

  Segment(Segment&& other) noexcept;
  Segment& operator=(Segment&& other) noexcept;
  ~Segment();

  const SegmentName& name() const { return name_; }
  const std::string& path() const { return path_; }
  std::size_t size() const { return size_; }
  std::size_t end() const { return end_; }
  std::size_t room() const { return size_ - end_; }

  /// Adds the record of `payload` to `records`, which append() is to write next.
  void add_record(std::string& records, std::string_view payload, std::uint32_t previous_end) const {
    append_record(records, payload, name_, {.offset = end_ + records.size(), .previous_end = previous_end});
  }

  /// Writes whole records after those before and waits until they are on disk. At most room() bytes.
  Result<void> append(std::string_view records);

  /// Nothing that stands in it counts any more: it gets the name of a spare one.
  Result<void> retire(const std::string& folder);

  /// A new life under another name.
  Result<void> renew(const std::string& folder, SegmentNumber number, std::uint32_t previous_end);

 private:
  Segment(int file, std::string path, SegmentName name, std::size_t size)
      : file_(file), path_(std::move(path)), name_(name), size_(size) {}
  Result<void> rename_to(std::string path);

  int file_ = -1;
  std::string path_;
  SegmentName name_;
  std::size_t size_ = 0;
  std::size_t end_ = 0;
};

std::string path_of(const std::string& folder, const SegmentName& name, std::string_view suffix = segment_suffix);

/// The names of the files in a folder that end in `suffix`, least number first.
Result<std::vector<SegmentName>> names_in(const std::string& folder, std::string_view suffix = segment_suffix);

/// Writes all of `bytes`, wherever the system stops in between.
Result<void> write_all(int file, std::string_view bytes, std::size_t offset);

/// Waits until the folder's list of names is on disk.
Result<void> sync_folder(const std::string& folder);

}  // namespace packwalk::journal
