#include "adapters/journal/damaged_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace packwalk::journal {
namespace {

/// For file systems without hard links.
std::error_code copy_and_flush(const std::string& from, const std::string& to) {
  std::error_code error;
  std::filesystem::copy_file(from, to + ".new", std::filesystem::copy_options::overwrite_existing, error);
  if (error) return error;
  const int file = ::open((to + ".new").c_str(), O_RDONLY | O_CLOEXEC);
  const bool flushed = file >= 0 && ::fsync(file) == 0;
  const std::error_code failed(errno, std::system_category());
  if (file >= 0) ::close(file);
  if (!flushed) return failed;
  std::filesystem::rename(to + ".new", to, error);
  return error;
}

}  // namespace

Result<std::string> move_aside(const std::string& folder, const SegmentName& name) {
  const std::string from = path_of(folder, name);
  std::string to = path_of(folder, name, damaged_suffix);
  std::error_code error;
  for (int more = 1; std::filesystem::exists(std::filesystem::symlink_status(to, error)); ++more) {
    to = folder + "/" + name.text() + "." + std::to_string(more) + std::string(damaged_suffix);
  }
  std::filesystem::rename(from, to, error);
  if (error) return fail(Errc::unavailable, "journal: cannot move " + from + " aside: " + error.message());
  if (auto synced = sync_folder(folder); !synced) return synced.failure();
  return to;
}

Result<std::string> keep_aside(const std::string& folder, const SegmentName& name) {
  const std::string from = path_of(folder, name);
  std::string to = path_of(folder, name, damaged_suffix);
  std::error_code error;
  // A name of the first format may be used again. A name with a seed is unique, so it is the same file.
  for (int more = 1; std::filesystem::exists(to, error); ++more) {
    if (name.seed || std::filesystem::equivalent(from, to, error)) return to;
    to = folder + "/" + name.text() + "." + std::to_string(more) + std::string(damaged_suffix);
  }
  std::filesystem::create_hard_link(from, to, error);
  if (error) error = copy_and_flush(from, to);
  if (error) return fail(Errc::unavailable, "journal: cannot keep " + from + " aside: " + error.message());
  if (auto synced = sync_folder(folder); !synced) return synced.failure();
  return to;
}

Result<std::vector<std::string>> damaged_files_in(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  if (!std::filesystem::exists(folder, error)) return paths;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string path = entry->path().string();
    if (path.ends_with(damaged_suffix) || path.ends_with(dead_damaged_suffix)) paths.push_back(path);
  }
  if (error) return fail(Errc::unavailable, "journal: cannot read " + folder + ": " + error.message());
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace packwalk::journal
