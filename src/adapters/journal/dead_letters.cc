#include "adapters/journal/dead_letters.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "adapters/journal/segment_reader.h"
#include "core/packet/little_endian.h"
#include "core/packet/upload_record.h"

namespace packwalk::journal {
namespace {

constexpr std::size_t file_size_max = std::size_t{8} * 1024 * 1024;  // then the next file begins

Failure failure(const std::string& what) {
  return fail(Errc::unavailable, "dead letters: cannot " + what + ": " + std::system_category().message(errno));
}

std::string payload_of(const Upload& upload, std::string_view why) {
  std::string payload;
  append_little_endian(payload, static_cast<std::uint32_t>(why.size()));
  payload.append(why).append(record_of(upload));
  return payload;
}

std::optional<DeadLetter> letter_from(std::string_view payload) {
  if (payload.size() < 4) return std::nullopt;
  const auto size = read_little_endian<std::uint32_t>(payload, 0);
  if (size > payload.size() - 4) return std::nullopt;
  auto upload = upload_from_record(payload.substr(4 + size));
  if (!upload) return std::nullopt;
  return DeadLetter{*std::move(upload), std::string(payload.substr(4, size))};
}

/// A number after all existing ones, so that older letters are requeued first.
SegmentNumber next_number(const std::string& folder) {
  SegmentNumber last = 0;
  for (const std::string_view suffix : {dead_suffix, requeue_suffix}) {
    const auto names = names_in(folder, suffix);
    if (names && !names->empty()) last = std::max(last, names->back().number);
  }
  return last + 1;
}

using FinishFile = std::function<Result<void>(const SegmentName& name, const std::string& path)>;

/// Reads each file that ends in `suffix`: passes its letters to `take`, then the file to `finish`. Returns the number
/// of letters.
Result<std::size_t> read_each(const std::string& folder, std::string_view suffix,
                              const std::function<void(DeadLetter)>& take, const FinishFile& finish) {
  std::size_t count = 0;
  std::error_code error;
  if (!std::filesystem::exists(folder, error)) return count;
  const auto names = names_in(folder, suffix);
  if (!names) return names.failure();
  for (const SegmentName& name : *names) {
    const std::string path = path_of(folder, name, suffix);
    const auto read = read_dead_letters(path, name, [&](DeadLetter letter) {
      ++count;
      take(std::move(letter));
    });
    if (!read && read.error().code == Errc::not_found) continue;  // it was renamed or deleted meanwhile
    if (!read) return read.failure();
    if (auto finished = finish(name, path); !finished) return finished.failure();
  }
  return count;
}

void ignore_letter(const DeadLetter& /*letter*/) {}
Result<void> leave_file(const SegmentName& /*name*/, const std::string& /*path*/) { return {}; }

/// Calls `act` for each file that ends in `suffix`, and returns their number of letters. `act` returns 0, or another
/// number with errno.
template <class Act>
Result<std::size_t> act_on_each(const std::string& folder, std::string_view suffix, Act act) {
  bool has_acted = false;
  auto count =
      read_each(folder, suffix, ignore_letter, [&](const SegmentName& name, const std::string& path) -> Result<void> {
        if (act(name, path) != 0 && errno != ENOENT) return failure("change " + path);
        has_acted = true;
        return {};
      });
  if (!count || !has_acted) return count;
  if (auto synced = sync_folder(folder); !synced) return synced.failure();
  return count;
}

Result<std::size_t> delete_each(const std::string& folder, std::string_view suffix) {
  return act_on_each(folder, suffix,
                     [](const SegmentName&, const std::string& path) { return ::unlink(path.c_str()); });
}

}  // namespace

DeadLetters::~DeadLetters() { close_file(); }

void DeadLetters::close_file() {
  if (file_ >= 0) ::close(file_);
  file_ = -1;
}

/// The file has another name if it was requeued or is kept as damaged.
bool DeadLetters::has_its_name() const { return ::access(path_of(folder_, name_, dead_suffix).c_str(), F_OK) == 0; }

Result<void> DeadLetters::begin_file() {
  name_ = SegmentName::with_random_seed(next_number(folder_));
  const std::string path = path_of(folder_, name_, dead_suffix);
  file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file_ < 0) return failure("make " + path);
  end_ = 0;
  auto synced = sync_folder(folder_);
  if (!synced) close_file();
  return synced;
}

Result<void> DeadLetters::add(const Upload& upload, std::string_view why) {
  const std::string payload = payload_of(upload, why);
  while (true) {
    if (file_ >= 0 && (end_ + record_size(payload.size()) > file_size_max || !has_its_name())) close_file();
    if (file_ < 0) {
      if (auto begun = begin_file(); !begun) return begun;
    }
    std::string record;
    append_record(record, payload, name_, {.offset = end_});
    auto written = write_all(file_, record, end_);
    if (written && ::fdatasync(file_) != 0) written = failure("flush");
    struct stat status {};
    if (written && ::fstat(file_, &status) != 0) written = failure("look at the file");
    if (!written) {
      close_file();  // its content is now unknown
      return written;
    }
    end_ += record.size();
    if (status.st_nlink > 0) return {};
    close_file();  // it was purged, perhaps before this letter was written
  }
}

Result<bool> read_dead_letters(const std::string& path, const SegmentName& name,
                               const std::function<void(DeadLetter)>& take) {
  const auto file = read_file(path);
  if (!file) return file.failure();
  bool is_whole = true;
  const SegmentContents contents = read_records(*file, name, [&](const SoundRecord& record) {
    auto letter = letter_from(record.payload);
    if (!letter) {
      is_whole = false;
    } else if (letter->upload.device.value != 0) {  // otherwise it was erased
      take(*std::move(letter));
    }
  });
  return is_whole && contents.gaps.empty();
}

Result<std::size_t> each_dead_letter(const std::string& folder, const std::function<void(DeadLetter)>& take) {
  return read_each(folder, dead_suffix, take, leave_file);
}

Result<std::size_t> requeue_dead_letters(const std::string& folder) {
  return act_on_each(folder, dead_suffix, [&](const SegmentName& name, const std::string& path) {
    return ::rename(path.c_str(), path_of(folder, name, requeue_suffix).c_str());
  });
}

Result<std::size_t> purge_dead_letters(const std::string& folder) { return delete_each(folder, dead_suffix); }

Result<std::size_t> count_requeued_letters(const std::string& folder) {
  return read_each(folder, requeue_suffix, ignore_letter, leave_file);
}

Result<std::size_t> purge_requeued_letters(const std::string& folder) { return delete_each(folder, requeue_suffix); }

}  // namespace packwalk::journal
