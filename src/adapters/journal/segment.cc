#include "adapters/journal/segment.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/hexadecimal.h"
#include "base/random_bits.h"
#include "base/text.h"
#include "core/packet/little_endian.h"

namespace packwalk::journal {
namespace {

constexpr std::size_t header_size = 20;
constexpr std::size_t first_header_size = 12;
constexpr std::size_t beginning_payload_size = 24;  // of no device, like an erased upload
constexpr std::uint64_t golden = 0x9e3779b97f4a7c15U;
constexpr std::size_t seed_digits = 16;

/// For the first format. The hash covers the size too, because it determines the offset of the next record.
std::uint64_t first_hash(std::string_view payload, SegmentNumber number) {
  return XXH3_64bits_withSeed(payload.data(), payload.size(), number * golden + payload.size());
}

std::uint64_t hash_of(std::string_view payload, std::uint64_t seed) {
  return XXH3_64bits_withSeed(payload.data(), payload.size(), seed);
}

std::uint32_t check_of(std::string_view fields, std::size_t offset, std::uint64_t seed) {
  return static_cast<std::uint32_t>(XXH3_64bits_withSeed(fields.data(), fields.size(), seed ^ (golden * (offset + 1))));
}

Failure failure(const std::string& what) {
  return fail(Errc::unavailable, "journal: cannot " + what + ": " + std::system_category().message(errno));
}

std::optional<RecordPosition> first_record_at(std::string_view bytes, std::size_t offset, SegmentNumber number) {
  const std::size_t size = claimed_size(bytes, offset);
  if (size == 0) return std::nullopt;
  const RecordPosition position{offset, offset + first_header_size, size, 0};
  const std::string_view payload = bytes.substr(position.payload_offset, size);
  if (first_hash(payload, number) != read_little_endian<std::uint64_t>(bytes, offset + 4)) return std::nullopt;
  return position;
}

std::string random_text() {
  const auto digits = hexadecimal(random_bits());
  return {digits.begin(), digits.end()};
}

}  // namespace

SegmentName SegmentName::with_random_seed(SegmentNumber number) { return {number, random_bits()}; }

std::optional<SegmentName> SegmentName::from_text(std::string_view text) {
  const std::size_t dot = text.find('.');
  const auto number = number_from<SegmentNumber>(text.substr(0, dot));
  if (!number) return std::nullopt;
  if (dot == std::string_view::npos) return SegmentName{*number, std::nullopt};
  const std::string_view digits = text.substr(dot + 1);
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seed, 16);
  if (digits.size() != seed_digits || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return SegmentName{*number, seed};
}

std::string SegmentName::text() const {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%012llu", static_cast<unsigned long long>(number));
  std::string name = text.data();
  if (!seed) return name;
  std::snprintf(text.data(), text.size(), ".%016llx", static_cast<unsigned long long>(*seed));
  return name + text.data();
}

std::size_t record_size(std::size_t payload_size) { return header_size + payload_size; }

void append_header(std::string& bytes, const RecordPosition& position, std::string_view payload,
                   const SegmentName& name) {
  const auto size = static_cast<std::uint32_t>(payload.size());
  if (!name.seed) {
    append_little_endian(bytes, size);
    append_little_endian(bytes, first_hash(payload, name.number));
    return;
  }
  const std::size_t begin = bytes.size();
  append_little_endian(bytes, std::uint32_t{0});
  append_little_endian(bytes, size);
  append_little_endian(bytes, position.previous_end);
  append_little_endian(bytes, hash_of(payload, *name.seed));
  const std::uint32_t check = check_of(std::string_view(bytes).substr(begin + 4), position.offset, *name.seed);
  for (std::size_t i = 0; i < 4; ++i) bytes[begin + i] = static_cast<char>((check >> (8 * i)) & 0xff);
}

void append_record(std::string& bytes, std::string_view payload, const SegmentName& name,
                   const RecordPosition& position) {
  append_header(bytes, position, payload, name);
  bytes.append(payload);
}

std::optional<RecordPosition> record_at(std::string_view bytes, std::size_t offset, const SegmentName& name) {
  if (!name.seed) return first_record_at(bytes, offset, name.number);
  if (offset > bytes.size() || bytes.size() - offset <= header_size) return std::nullopt;
  const auto size = read_little_endian<std::uint32_t>(bytes, offset + 4);
  if (size == 0 || size > bytes.size() - offset - header_size) return std::nullopt;
  const std::string_view fields = bytes.substr(offset + 4, header_size - 4);
  if (check_of(fields, offset, *name.seed) != read_little_endian<std::uint32_t>(bytes, offset)) return std::nullopt;
  const RecordPosition position{offset, offset + header_size, size,
                                read_little_endian<std::uint32_t>(bytes, offset + 8)};
  const std::string_view payload = bytes.substr(position.payload_offset, size);
  if (hash_of(payload, *name.seed) != read_little_endian<std::uint64_t>(bytes, offset + 12)) return std::nullopt;
  return position;
}

std::string beginning_of(const SegmentName& name, std::uint32_t previous_end) {
  std::string bytes;
  append_record(bytes, std::string(beginning_payload_size, '\0'), name, {.offset = 0, .previous_end = previous_end});
  return bytes;
}

std::size_t beginning_size() { return record_size(beginning_payload_size); }

bool is_beginning(std::string_view bytes, const RecordPosition& position) {
  const std::string_view payload = bytes.substr(position.payload_offset, position.payload_size);
  return position.offset == 0 && payload.size() == beginning_payload_size &&
         payload.find_first_not_of('\0') == std::string_view::npos;
}

std::size_t claimed_size(std::string_view bytes, std::size_t offset) {
  if (offset > bytes.size() || bytes.size() - offset <= first_header_size) return 0;
  const auto size = read_little_endian<std::uint32_t>(bytes, offset);
  return size <= bytes.size() - offset - first_header_size ? size : 0;
}

Result<void> write_all(int file, std::string_view bytes, std::size_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return failure("write");
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::size_t>(written);
  }
  return {};
}

Result<Segment> Segment::create(const std::string& folder, SegmentNumber number, std::size_t size,
                                std::uint32_t previous_end) {
  const SegmentName name = SegmentName::with_random_seed(number);
  std::string path = path_of(folder, name);
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return failure("make " + path);
  Segment segment(file, path, name, size);
  const std::string zeros(std::size_t{64} * 1024, '\0');
  for (std::size_t offset = 0; offset < size; offset += zeros.size()) {
    auto written = write_all(file, std::string_view(zeros).substr(0, std::min(zeros.size(), size - offset)), offset);
    if (!written) {
      ::unlink(path.c_str());
      return written.failure();
    }
  }
  const std::string beginning = beginning_of(name, previous_end);
  if (auto written = write_all(file, beginning, 0); !written) {
    ::unlink(path.c_str());
    return written.failure();
  }
  segment.end_ = beginning.size();
  if (::fsync(file) != 0) {
    auto failed = failure("flush " + path);
    ::unlink(path.c_str());
    return failed;
  }
  if (auto synced = sync_folder(folder); !synced) {
    ::unlink(path.c_str());
    return synced.failure();
  }
  return segment;
}

Segment::Segment(Segment&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      path_(std::move(other.path_)),
      name_(other.name_),
      size_(other.size_),
      end_(other.end_) {}

Segment& Segment::operator=(Segment&& other) noexcept {
  std::swap(file_, other.file_);
  path_ = std::move(other.path_);
  name_ = other.name_;
  size_ = other.size_;
  end_ = other.end_;
  return *this;
}

Segment::~Segment() {
  if (file_ >= 0) ::close(file_);
}

Result<void> Segment::append(std::string_view records) {
  assert(records.size() <= room());
  if (auto written = write_all(file_, records, end_); !written) return written;
  if (::fdatasync(file_) != 0) return failure("flush");
  end_ += records.size();
  return {};
}

Result<void> Segment::rename_to(std::string path) {
  if (::rename(path_.c_str(), path.c_str()) != 0) return failure("rename " + path_);
  path_ = std::move(path);
  end_ = 0;
  return {};
}

Result<void> Segment::retire(const std::string& folder) {
  // Not flushed: if the old name comes back after a power cut, all its records were committed, and their keys make them
  // duplicates.
  return rename_to(folder + "/" + random_text() + std::string(spare_suffix));
}

Result<void> Segment::renew(const std::string& folder, SegmentNumber number, std::uint32_t previous_end) {
  // The old name must be gone before the beginning is overwritten, and the new name must not appear earlier.
  if (auto synced = sync_folder(folder); !synced) return synced;
  name_ = SegmentName::with_random_seed(number);
  const std::string beginning = beginning_of(name_, previous_end);
  if (auto written = write_all(file_, beginning, 0); !written) return written;
  if (::fdatasync(file_) != 0) return failure("flush " + path_);
  if (auto renamed = rename_to(path_of(folder, name_)); !renamed) return renamed;
  end_ = beginning.size();
  return sync_folder(folder);
}

std::string path_of(const std::string& folder, const SegmentName& name, std::string_view suffix) {
  return folder + "/" + name.text() + std::string(suffix);
}

Result<std::vector<SegmentName>> names_in(const std::string& folder, std::string_view suffix) {
  std::vector<SegmentName> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string file = entry->path().filename().string();
    if (!file.ends_with(suffix)) continue;
    const auto name = SegmentName::from_text(std::string_view(file).substr(0, file.size() - suffix.size()));
    if (name) names.push_back(*name);
  }
  if (error) return fail(Errc::unavailable, "journal: cannot read " + folder + ": " + error.message());
  std::sort(names.begin(), names.end());
  return names;
}

Result<void> sync_folder(const std::string& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return failure("open " + folder);
  const bool synced = ::fsync(file) == 0;
  auto failed = failure("flush " + folder);
  ::close(file);
  if (!synced) return failed;
  return {};
}

}  // namespace packwalk::journal
