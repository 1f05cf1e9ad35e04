// For tests, which list temporary_folder.cc beside them: a folder that is there as long as the object, with all that was put into it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace packwalk {

class TemporaryFolder {
 public:
  /// In memory where the system offers that, else among its temporary files. Throws when it cannot be made.
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
