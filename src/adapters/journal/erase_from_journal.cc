#include "adapters/journal/erase_from_journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <thread>

#include "adapters/journal/segment_reader.h"
#include "base/text.h"
#include "core/packet/little_endian.h"

namespace packwalk::journal {
namespace {

constexpr std::string_view wish_prefix = "erase.";
constexpr std::chrono::milliseconds look_again{20};

/// Bytes to write into a file.
struct Patch {
  std::size_t offset = 0;
  std::string bytes;
};

std::string wish_path(const std::string& folder, DeviceNumber device) {
  return folder + "/" + std::string(wish_prefix) + std::to_string(device.value);
}

/// The device of a payload: of a segment, or of a file of dead letters, where a reason precedes it.
DeviceNumber device_of(std::string_view payload, bool is_dead) {
  std::size_t offset = 0;
  if (is_dead && payload.size() >= 4) offset = 4 + std::size_t{read_little_endian<std::uint32_t>(payload, 0)};
  if (payload.size() < offset + 8) return {};
  return {read_little_endian<std::int64_t>(payload, offset)};
}

void add_zeros(std::vector<Patch>& patches, std::string_view bytes, const Gap& gap) {
  const std::string_view stretch = bytes.substr(gap.begin, gap.end - gap.begin);
  if (stretch.find_first_not_of('\0') == std::string_view::npos) return;
  patches.push_back({gap.begin, std::string(stretch.size(), '\0')});
}

/// Keeps the record, so that later ones are found. Its payload becomes zeros, which belong to no device.
std::vector<Patch> patches_of(const FileBytes& file, const SegmentName& name, bool is_dead, DeviceNumber device) {
  std::vector<Patch> patches;
  const SegmentContents contents = read_records(file, name, [&](const SoundRecord& record) {
    if (device_of(record.payload, is_dead) != device) return;
    Patch patch{record.position.offset, {}};
    append_record(patch.bytes, std::string(record.payload.size(), '\0'), name, record.position);
    patches.push_back(std::move(patch));
  });
  for (const Gap& gap : contents.gaps) add_zeros(patches, file.bytes, gap);
  for (const Gap& gap : file.unreadable) patches.push_back({gap.begin, std::string(gap.end - gap.begin, '\0')});
  add_zeros(patches, file.bytes, {contents.end, file.bytes.size()});
  return patches;
}

Result<void> write_patches(const std::string& path, const std::vector<Patch>& patches) {
  if (patches.empty()) return {};
  const int file = ::open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  Result<void> done;
  if (file < 0) done = fail(Errc::unavailable, std::system_category().message(errno));
  for (const Patch& patch : patches) {
    if (done) done = write_all(file, patch.bytes, patch.offset);
  }
  if (done && ::fdatasync(file) != 0) done = fail(Errc::unavailable, std::system_category().message(errno));
  if (file >= 0) ::close(file);
  if (!done) return fail(Errc::unavailable, "cannot overwrite " + path + ": " + done.error().detail);
  return done;
}

Result<void> overwrite_in(const std::string& path, std::string_view suffix, DeviceNumber device) {
  const auto file = read_file(path);
  if (!file && file.error().code == Errc::not_found) return {};
  if (!file) return file.failure();
  const std::string text = std::filesystem::path(path).filename().string();
  const auto name = SegmentName::from_text(std::string_view(text).substr(0, text.size() - suffix.size()));
  if (!name) return write_patches(path, {{0, std::string(file->bytes.size(), '\0')}});
  const bool is_dead = suffix != segment_suffix && suffix != damaged_suffix;
  return write_patches(path, patches_of(*file, *name, is_dead, device));
}

}  // namespace

Result<void> overwrite_device(const std::string& folder, DeviceNumber device) {
  std::error_code error;
  std::vector<std::string> paths;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    paths.push_back(entry->path().string());
  }
  for (const std::string& path : paths) {
    if (path.ends_with(spare_suffix)) std::filesystem::remove(path, error);
    for (const std::string_view suffix :
         {segment_suffix, damaged_suffix, dead_suffix, requeue_suffix, dead_damaged_suffix}) {
      if (!path.ends_with(suffix)) continue;
      if (auto done = overwrite_in(path, suffix, device); !done) return done;
    }
  }
  if (error) return fail(Errc::unavailable, "journal: cannot read " + folder + ": " + error.message());
  return sync_folder(folder);
}

Result<void> ask_to_overwrite_device(const std::string& folder, DeviceNumber device, std::chrono::seconds patience) {
  const std::string path = wish_path(folder, device);
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
  if (file < 0) return fail(Errc::unavailable, "cannot make " + path + ": " + std::system_category().message(errno));
  ::close(file);
  if (auto synced = sync_folder(folder); !synced) return synced;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (::access(path.c_str(), F_OK) == 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      return fail(Errc::unavailable, "the running server has not erased the device from " + folder + " within " +
                                         std::to_string(patience.count()) +
                                         " s. Read its log; if the server is an older version, upgrade it");
    }
    std::this_thread::sleep_for(look_again);
  }
  return {};
}

std::vector<DeviceNumber> devices_to_overwrite(const std::string& folder) {
  std::vector<DeviceNumber> devices;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string text = entry->path().filename().string();
    if (!text.starts_with(wish_prefix)) continue;
    const auto number = number_from<std::int64_t>(std::string_view(text).substr(wish_prefix.size()));
    if (number) devices.push_back({*number});
  }
  return devices;
}

Result<void> tell_overwritten(const std::string& folder, DeviceNumber device) {
  const std::string path = wish_path(folder, device);
  if (::unlink(path.c_str()) != 0) {
    return fail(Errc::unavailable, "cannot delete " + path + ": " + std::system_category().message(errno));
  }
  return {};
}

}  // namespace packwalk::journal
