#include "adapters/journal/segment_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "core/packet/little_endian.h"
#include "core/packet/message.h"

namespace packwalk::journal {
namespace {

constexpr std::size_t block_size = std::size_t{256} * 1024;
// Larger than a record of the largest configurable body (http.unpacked_bytes_max); an ordinary file has 8 MiB.
constexpr std::int64_t file_bytes_max = std::int64_t{1100} * 1024 * 1024;
constexpr std::size_t page_size = 4096;  // size of the parts that are read separately if a block is unreadable
// Limit on the bytes that a search in the first format hashes, even if many sizes are forged.
constexpr std::size_t searched_bytes_max = std::size_t{256} * 1024 * 1024;

/// Reads as much as possible of one range. False if the disk reported an error; then the rest was not read.
bool read_stretch(char* to, std::size_t size, std::size_t offset, const ReadAt& read_at) {
  while (size > 0) {
    const ssize_t count = read_at(to, size, offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    if (count == 0) return true;  // the file was truncated meanwhile: zeros
    to += count;
    size -= static_cast<std::size_t>(count);
    offset += static_cast<std::size_t>(count);
  }
  return true;
}

/// Whether the payload of a header of the first format could be an upload (core/packet/upload_record.h). A cheap check
/// that excludes nearly all offsets of a file.
bool may_be_upload(std::string_view bytes, std::size_t offset, std::size_t size) {
  constexpr std::size_t header = 12;
  constexpr std::size_t envelope = 21;
  constexpr auto device_max = std::int64_t{1} << 53;
  if (size < envelope) return false;
  const std::string_view payload = bytes.substr(offset + header, size);
  const auto device = read_little_endian<std::int64_t>(payload, 0);
  return device > 0 && device < device_max && read_little_endian<std::int64_t>(payload, 8) >= 0 &&
         !name_of(static_cast<Transport>(read_little_endian<std::uint8_t>(payload, 16))).empty() &&
         read_little_endian<std::uint32_t>(payload, 17) <= size - envelope;
}

/// A spare segment of the first format: only its first header was blanked.
bool is_spare_of_first_format(std::string_view bytes, const SegmentName& name) {
  constexpr std::size_t header = 12;
  const auto is_zero = [](std::string_view some) { return some.find_first_not_of('\0') == std::string_view::npos; };
  return !name.seed && is_zero(bytes.substr(0, header)) && !is_zero(bytes.substr(0, 2 * header));
}

/// Searches for the next sound record from `offset` on, byte by byte.
class Search {
 public:
  Search(std::string_view bytes, const SegmentName& name) : bytes_(bytes), name_(name) {}

  std::optional<RecordPosition> next(std::size_t offset) {
    for (; offset < bytes_.size(); ++offset) {
      if (!name_.seed && !is_affordable(offset)) continue;
      if (auto found = record_at(bytes_, offset, name_)) return found;
    }
    return std::nullopt;
  }

  bool is_complete() const { return searched_ <= searched_bytes_max; }

 private:
  /// Only the payload can prove a header of the first format.
  bool is_affordable(std::size_t offset) {
    const std::size_t size = claimed_size(bytes_, offset);
    if (size == 0 || !may_be_upload(bytes_, offset, size)) return false;
    searched_ += size;
    return is_complete();
  }

  std::string_view bytes_;
  const SegmentName& name_;
  std::size_t searched_ = 0;
};

}  // namespace

FileBytes read_bytes(std::size_t size, const ReadAt& read_at) {
  FileBytes file{std::string(size, '\0'), {}};
  for (std::size_t block = 0; block < size; block += block_size) {
    const std::size_t block_end = std::min(block + block_size, size);
    if (read_stretch(file.bytes.data() + block, block_end - block, block, read_at)) continue;
    for (std::size_t page = block; page < block_end; page += page_size) {
      const std::size_t page_end = std::min(page + page_size, block_end);
      if (read_stretch(file.bytes.data() + page, page_end - page, page, read_at)) continue;
      std::fill(file.bytes.begin() + static_cast<std::ptrdiff_t>(page),
                file.bytes.begin() + static_cast<std::ptrdiff_t>(page_end), '\0');
      if (!file.unreadable.empty() && file.unreadable.back().end == page) {
        file.unreadable.back().end = page_end;
      } else {
        file.unreadable.push_back({page, page_end});
      }
    }
  }
  return file;
}

Result<FileBytes> read_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  if (file < 0 && errno == ELOOP) return fail(Errc::invalid_input, "journal: " + path + " is a symbolic link");
  struct stat status {};
  const bool opened = file >= 0 && ::fstat(file, &status) == 0;
  const Errc code = errno == ENOENT ? Errc::not_found : Errc::unavailable;
  if (!opened) {
    auto failed = fail(code, "journal: cannot read " + path + ": " + std::system_category().message(errno));
    if (file >= 0) ::close(file);
    return failed;
  }
  if (!S_ISREG(status.st_mode) || status.st_size > file_bytes_max) {
    ::close(file);
    return fail(Errc::invalid_input,
                "journal: " + path +
                    (S_ISREG(status.st_mode) ? " is larger than any file of the journal" : " is not a regular file"));
  }
  auto bytes = read_bytes(static_cast<std::size_t>(status.st_size), [file](char* to, std::size_t size, std::size_t at) {
    return ::pread(file, to, size, static_cast<off_t>(at));
  });
  ::close(file);
  return bytes;
}

SegmentContents read_records(const FileBytes& file, const SegmentName& name,
                             const std::function<void(const SoundRecord&)>& take) {
  const std::string_view bytes = file.bytes;
  SegmentContents contents;
  if (is_spare_of_first_format(bytes, name)) return contents;
  Search search(bytes, name);
  bool is_certain = true;
  for (std::size_t at = 0;;) {
    auto found = is_certain ? record_at(bytes, at, name) : std::nullopt;
    if (!found) found = search.next(at);
    if (!found) break;
    if (found->offset > at) {
      contents.gaps.push_back({at, found->offset});
      is_certain = name.seed.has_value();
    }
    if (name.seed) contents.previous_end = found->previous_end;
    if (!is_beginning(bytes, *found)) {
      take({*found, bytes.substr(found->payload_offset, found->payload_size), is_certain});
    }
    at = contents.end = found->end();
  }
  contents.is_searched = search.is_complete();
  // A torn write or a reused file leaves the beginning intact, so the file is damaged.
  const std::size_t last = bytes.find_last_not_of('\0');
  if (contents.end == 0 && last != std::string_view::npos) contents.gaps.push_back({0, last + 1});
  for (const Gap& gap : file.unreadable) {
    const std::size_t told = contents.gaps.empty() ? contents.end : contents.gaps.back().end;
    if (gap.end > told) contents.gaps.push_back({std::max(gap.begin, told), gap.end});
  }
  return contents;
}

}  // namespace packwalk::journal
