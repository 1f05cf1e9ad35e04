#include "adapters/journal/set_aside_count.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "adapters/journal/damaged_files.h"
#include "adapters/journal/dead_letters.h"

namespace packwalk::journal {

Result<QueueDepth::SetAside> SetAsideCount::count() {
  const auto damaged = damaged_files_in(folder_);
  if (!damaged) return damaged.failure();
  const auto names = names_in(folder_, dead_suffix);
  if (!names) return names.failure();
  QueueDepth::SetAside counted{.letters = 0, .damaged = damaged->size()};
  std::map<std::string, File> files;
  for (const SegmentName& name : *names) {
    const std::string path = path_of(folder_, name, dead_suffix);
    std::error_code gone;
    File file{.bytes = std::filesystem::file_size(path, gone)};
    if (gone) continue;
    if (const auto known = files_.find(path); known != files_.end() && known->second.bytes == file.bytes) {
      file = known->second;
    } else {
      const auto read = read_dead_letters(path, name, [&](const DeadLetter&) { ++file.letters; });
      if (!read && read.error().code == Errc::not_found) continue;
      if (!read) return read.failure();
    }
    counted.letters += file.letters;
    files.emplace(path, file);
  }
  files_ = std::move(files);
  return counted;
}

}  // namespace packwalk::journal
