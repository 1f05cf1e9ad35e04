#include "adapters/journal/segment.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/text.h"
#include "core/packet/little_endian.h"

namespace packwalk::journal {
namespace {

constexpr std::size_t header_size = 12;
constexpr std::string_view suffix = ".journal";

std::uint64_t hash_of(std::string_view payload, SegmentNumber number) {
  // The size is hashed too: it decides where the next record is sought.
  return XXH3_64bits_withSeed(payload.data(), payload.size(), number * 0x9e3779b97f4a7c15U + payload.size());
}

tl::unexpected<Error> failure(const std::string& what) {
  return fail(Errc::unavailable, "journal: cannot " + what + ": " + std::system_category().message(errno));
}

Result<void> write_all(int file, std::string_view bytes, std::size_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written <= 0) return failure("write");
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::size_t>(written);
  }
  return {};
}

}  // namespace

std::size_t record_size(std::size_t payload_size) { return header_size + payload_size; }

void append_record(std::string& bytes, std::string_view payload, SegmentNumber number) {
  append_little_endian(bytes, static_cast<std::uint32_t>(payload.size()));
  append_little_endian(bytes, hash_of(payload, number));
  bytes.append(payload);
}

Result<Segment> Segment::create(const std::string& folder, SegmentNumber number, std::size_t size) {
  const std::string path = segment_path(folder, number);
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return failure("make " + path);
  Segment segment(file, number, size);
  const std::string zeros(std::size_t{64} * 1024, '\0');
  for (std::size_t offset = 0; offset < size; offset += zeros.size()) {
    auto written = write_all(file, std::string_view(zeros).substr(0, std::min(zeros.size(), size - offset)), offset);
    if (!written) {
      ::unlink(path.c_str());
      return tl::unexpected(std::move(written.error()));
    }
  }
  if (::fsync(file) != 0) {
    ::unlink(path.c_str());
    return failure("flush " + path);
  }
  if (auto synced = sync_folder(folder); !synced) {
    ::unlink(path.c_str());
    return tl::unexpected(std::move(synced.error()));
  }
  return segment;
}

Segment::Segment(Segment&& other) noexcept
    : file_(std::exchange(other.file_, -1)), number_(other.number_), size_(other.size_), end_(other.end_) {}

Segment& Segment::operator=(Segment&& other) noexcept {
  std::swap(file_, other.file_);
  number_ = other.number_;
  size_ = other.size_;
  end_ = other.end_;
  return *this;
}

Segment::~Segment() {
  if (file_ >= 0) ::close(file_);
}

Result<void> Segment::append(std::string_view records) {
  if (auto written = write_all(file_, records, end_); !written) return written;
  if (::fdatasync(file_) != 0) return failure("flush");
  end_ += records.size();
  return {};
}

Result<void> Segment::clear() {
  end_ = 0;
  const std::string zeros(header_size, '\0');
  return write_all(file_, zeros, 0);
}

Result<void> Segment::renumber(const std::string& folder, SegmentNumber number) {
  if (::rename(segment_path(folder, number_).c_str(), segment_path(folder, number).c_str()) != 0) {
    return failure("rename a segment");
  }
  number_ = number;
  end_ = 0;
  return sync_folder(folder);
}

std::string segment_path(const std::string& folder, SegmentNumber number) {
  std::array<char, 32> name{};
  std::snprintf(name.data(), name.size(), "%012llu", static_cast<unsigned long long>(number));
  return folder + "/" + name.data() + std::string(suffix);
}

Result<void> read_segment(const std::string& folder, SegmentNumber number,
                          const std::function<void(std::string_view payload)>& take) {
  const std::string path = segment_path(folder, number);
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return failure("read " + path);
  auto rest = static_cast<std::size_t>(in.tellg());
  in.seekg(0);
  // Record by record, as most of a segment may be empty.
  std::string header(header_size, '\0');
  std::string payload;
  while (rest > header_size && in.read(header.data(), header_size)) {
    rest -= header_size;
    const auto size = read_little_endian<std::uint32_t>(header, 0);
    if (size == 0 || size > rest) break;
    payload.resize(size);
    if (!in.read(payload.data(), static_cast<std::streamsize>(size))) break;
    if (hash_of(payload, number) != read_little_endian<std::uint64_t>(header, 4)) break;
    take(payload);
    rest -= size;
  }
  if (!in) return failure("read " + path);
  return {};
}

Result<std::vector<SegmentNumber>> segments_in(const std::string& folder) {
  std::vector<SegmentNumber> numbers;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() != suffix) continue;
    if (const auto number = number_from<SegmentNumber>(entry->path().stem().string())) numbers.push_back(*number);
  }
  if (error) return fail(Errc::unavailable, "journal: cannot read " + folder + ": " + error.message());
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

Result<void> sync_folder(const std::string& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return failure("open " + folder);
  const bool synced = ::fsync(file) == 0;
  ::close(file);
  if (!synced) return failure("flush " + folder);
  return {};
}

}  // namespace packwalk::journal
