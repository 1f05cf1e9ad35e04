// Reads a file of the journal wherever it can be read: past damaged records and blocks that the disk does not give.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/journal/segment.h"

namespace packwalk::journal {

/// Bytes of a file, from `begin` to before `end`.
struct Gap {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct SoundRecord {
  RecordPosition position;
  std::string_view payload;
  // Not so of what stands behind a damaged part in the first format: there a sender could imitate records.
  bool is_certain = true;
};

/// What stands in a file.
struct SegmentContents {
  std::size_t end = 0;                        // of the last sound record
  std::vector<Gap> gaps;                      // before that end, or not to be read: they hold no sound record; of a
                                              // file without one, all that is not zero
  std::optional<std::uint32_t> previous_end;  // by the records: where the segment before ended
  bool is_searched = true;  // false: of a damaged file of the first format not all was searched, as that took too long
};

/// A file's bytes, with zeros where the disk gives none.
struct FileBytes {
  std::string bytes;
  std::vector<Gap> unreadable;
};

/// As pread: bytes read, 0 at the end, -1 and errno.
using ReadAt = std::function<ssize_t(char* to, std::size_t size, std::size_t offset)>;

/// Reads `size` bytes, those that can be read.
FileBytes read_bytes(std::size_t size, const ReadAt& read_at);
/// Errc::not_found when there is no such file, Errc::unavailable when it cannot be opened, Errc::invalid_input when it
/// is no file of the journal: a link, a pipe or a folder, or larger than any. It never waits for another program.
Result<FileBytes> read_file(const std::string& path);

/// Takes the sound records in their order, without the file's beginning. In time linear in the size.
SegmentContents read_records(const FileBytes& file, const SegmentName& name,
                             const std::function<void(const SoundRecord&)>& take);

}  // namespace packwalk::journal
