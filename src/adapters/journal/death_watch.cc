#include "adapters/journal/death_watch.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <limits>
#include <sstream>
#include <system_error>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "adapters/journal/segment.h"
#include "adapters/journal/segment_reader.h"

namespace packwalk::journal {
namespace {

std::uint64_t hash_of(std::string_view record) { return XXH3_64bits(record.data(), record.size()); }

/// "" if it cannot be read.
std::string text_of(const std::string& path) {
  auto file = read_file(path);
  return file ? std::move(file->bytes) : std::string();
}

}  // namespace

DeathWatch::DeathWatch(std::string folder) : path_(std::move(folder) + "/deaths") {
  std::istringstream in(text_of(path_));
  if (!(in >> starts_ >> in_hand_ >> suspect_ >> deaths_)) {
    starts_ = deaths_ = 0;
    in_hand_ = suspect_ = 0;
  }
  if (in_hand_ == 0) return;
  deaths_ = suspect_ == in_hand_ ? deaths_ + 1 : 1;
  suspect_ = std::exchange(in_hand_, 0);
}

DeathWatch::~DeathWatch() {
  if (file_ >= 0) ::close(file_);
}

std::size_t DeathWatch::uploads_max() const {
  constexpr int starts_trusted = 2;  // the operator may have killed it
  switch (starts_ - starts_trusted) {
    case 1:
      return 64;
    case 2:
      return 8;
    default:
      return starts_ > starts_trusted ? 1 : std::numeric_limits<std::size_t>::max();
  }
}

Result<void> DeathWatch::begin(bool something_left) {
  starts_ = something_left ? starts_ + 1 : 1;
  return write();
}

bool DeathWatch::is_deadly(std::string_view record) const {
  return deaths_ >= deaths_max && suspect_ == hash_of(record);
}

Result<void> DeathWatch::take_in_hand(std::string_view record) {
  in_hand_ = hash_of(record);
  return write();
}

Result<void> DeathWatch::put_down() {
  if (in_hand_ == 0) return {};
  in_hand_ = 0;
  return write();
}

Result<void> DeathWatch::all_committed() {
  starts_ = 1;
  deaths_ = 0;
  in_hand_ = 0;
  return write();
}

void DeathWatch::end() { ::unlink(path_.c_str()); }

Result<void> DeathWatch::write() {
  std::array<char, 80> text{};  // of constant length, so that it overwrites the previous text
  std::snprintf(text.data(), text.size(), "%10d %20llu %20llu %10d", starts_, static_cast<unsigned long long>(in_hand_),
                static_cast<unsigned long long>(suspect_), deaths_);
  if (file_ < 0) file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
  if (file_ < 0) {
    return fail(Errc::unavailable, "journal: cannot write " + path_ + ": " + std::system_category().message(errno) +
                                       ". If it is a link, remove it");
  }
  return write_all(file_, text.data(), 0);
}

}  // namespace packwalk::journal
