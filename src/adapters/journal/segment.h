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

/// The parts of a file's name.
struct SegmentName {
  SegmentNumber number = 0;
  std::optional<std::uint64_t> seed;  // none: of the first format

  /// A name that cannot be guessed.
  static SegmentName with_random_seed(SegmentNumber number);
  /// Parses "000000000001.0123456789abcdef" or, in the first format, "000000000001".
  static std::optional<SegmentName> from_text(std::string_view text);
  std::string text() const;

  friend auto operator<=>(const SegmentName&, const SegmentName&) = default;
};

inline constexpr std::string_view segment_suffix = ".journal";
inline constexpr std::string_view spare_suffix =
    ".spare";  // a spare file: its records do not count, and its blocks are reused
inline constexpr std::string_view dead_suffix = ".dead";        // dead letters
inline constexpr std::string_view requeue_suffix = ".requeue";  // requeued dead letters
inline constexpr std::string_view damaged_suffix = ".journal.damaged";
inline constexpr std::string_view dead_damaged_suffix = ".dead.damaged";

/// A record and its position.
struct RecordPosition {
  std::size_t offset = 0;          // of its header in the file
  std::size_t payload_offset = 0;  // in the file
  std::size_t payload_size = 0;
  std::uint32_t previous_end = 0;  // where the segment before ended; 0 in the first format

  std::size_t end() const { return payload_offset + payload_size; }
};

/// The size of a payload's record in a file.
std::size_t record_size(std::size_t payload_size);

/// Appends the record of `payload` to `bytes`; of `position` count only the offset in a file of this name, and where
/// the segment before ended. The first format is only for what must be overwritten where it stands, and for tests.
void append_record(std::string& bytes, std::string_view payload, const SegmentName& name,
                   const RecordPosition& position);

/// The record at `offset` of a file with these bytes; empty if there is none. Reads the payload only if the header has
/// the right check; in the first format, whose header has none, always.
std::optional<RecordPosition> record_at(std::string_view bytes, std::size_t offset, const SegmentName& name);

/// The first record of a file with this name.
std::string beginning_of(const SegmentName& name, std::uint32_t previous_end);
/// Its size in bytes.
std::size_t beginning_size();
/// Whether it is the record at this position.
bool is_beginning(std::string_view bytes, const RecordPosition& position);

/// The size of the payload in a header of the first format; 0 if the file is too short for it.
std::size_t claimed_size(std::string_view bytes, std::size_t offset);

/// Owns an open file. One thread.
class Segment {
 public:
  /// Creates a file of `size` bytes, all written, so that later writes change no metadata. `previous_end` is the end of
  /// the previous segment. Errc::unavailable: the disk is full.
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

  /// Adds the record of `payload` to `records`, which append() writes next.
  void add_record(std::string& records, std::string_view payload, std::uint32_t previous_end) const {
    append_record(records, payload, name_, {.offset = end_ + records.size(), .previous_end = previous_end});
  }

  /// Appends complete records and waits until they are on disk. At most room() bytes.
  Result<void> append(std::string_view records);

  /// Renames it to a spare file, so that its records no longer count.
  Result<void> retire(const std::string& folder);

  /// Reuses the file under another name.
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

/// The names of the files in a folder that end in `suffix`, sorted by number.
Result<std::vector<SegmentName>> names_in(const std::string& folder, std::string_view suffix = segment_suffix);

/// Writes all of `bytes`, also after partial writes.
Result<void> write_all(int file, std::string_view bytes, std::size_t offset);

/// Flushes the names in the folder to disk.
Result<void> sync_folder(const std::string& folder);

}  // namespace packwalk::journal
