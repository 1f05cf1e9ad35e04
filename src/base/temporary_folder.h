// For tests, which list temporary_folder.cc beside them: a folder that is deleted, with all its files, when the object
// ends.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace packwalk {

class TemporaryFolder {
 public:
  /// In memory if the system supports that, otherwise in its folder for temporary files. Throws if it cannot be
  /// created.
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  const std::filesystem::path& path() const { return path_; }
  std::string file(std::string_view name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace packwalk
