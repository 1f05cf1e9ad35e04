#include "adapters/journal/death_watch.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <system_error>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "adapters/journal/segment.h"

namespace packwalk::journal {
namespace {

std::uint64_t hash_of(std::string_view record) { return XXH3_64bits(record.data(), record.size()); }

}  // namespace

DeathWatch::DeathWatch(std::string folder) : folder_(std::move(folder)) {
  std::ifstream in(path());
  if (!(in >> starts_ >> in_hand_ >> suspect_ >> deaths_)) {
    starts_ = deaths_ = 0;
    in_hand_ = suspect_ = 0;
  }
  if (in_hand_ == 0) return;
  deaths_ = suspect_ == in_hand_ ? deaths_ + 1 : 1;
  suspect_ = std::exchange(in_hand_, 0);
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
  in_hand_ = 0;
  return write();
}

Result<void> DeathWatch::all_committed() {
  starts_ = 1;
  deaths_ = 0;
  return put_down();
}

void DeathWatch::end() { ::unlink(path().c_str()); }

Result<void> DeathWatch::write() const {
  const std::string text = std::to_string(starts_) + " " + std::to_string(in_hand_) + " " + std::to_string(suspect_) +
                           " " + std::to_string(deaths_) + "\n";
  const std::string beside = path() + ".new";
  const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  auto written = file < 0 ? Result<void>(fail(Errc::unavailable, "open")) : write_all(file, text, 0);
  if (written && ::fdatasync(file) != 0) written = fail(Errc::unavailable, "flush");
  const int why = errno;
  if (file >= 0) ::close(file);
  if (written && std::rename(beside.c_str(), path().c_str()) == 0) return sync_folder(folder_);
  return fail(Errc::unavailable, "journal: cannot write " + path() + ": " + std::system_category().message(why));
}

}  // namespace packwalk::journal
