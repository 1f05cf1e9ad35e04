// Reads all readable parts of a file of the journal, past damaged records and unreadable blocks.
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
  // False for records behind a damaged part in the first format: a sender could forge them.
  bool is_certain = true;
};

/// The content of a file.
struct SegmentContents {
  std::size_t end = 0;    // end of the last sound record
  std::vector<Gap> gaps;  // ranges without a sound record, before that end or unreadable; in a file without records,
                          // everything that is not zero
  std::optional<std::uint32_t> previous_end;  // the end of the previous segment, by the records
  bool is_searched =
      true;  // false: a damaged file of the first format was searched only partly, because it took too long
};

/// A file's bytes, with zeros for unreadable blocks.
struct FileBytes {
  std::string bytes;
  std::vector<Gap> unreadable;
};

/// Like pread: the bytes read, 0 at the end, or -1 and errno.
using ReadAt = std::function<ssize_t(char* to, std::size_t size, std::size_t offset)>;

/// Reads `size` bytes, as far as they are readable.
FileBytes read_bytes(std::size_t size, const ReadAt& read_at);
/// Errc::not_found: there is no such file. Errc::unavailable: it cannot be opened. Errc::invalid_input: it is not a
/// file of the journal but a link, a pipe or a folder, or too large. Never waits for another program.
Result<FileBytes> read_file(const std::string& path);

/// Passes the sound records, in order, to `take`, without the file's first record. Linear in the size.
SegmentContents read_records(const FileBytes& file, const SegmentName& name,
                             const std::function<void(const SoundRecord&)>& take);

}  // namespace packwalk::journal
