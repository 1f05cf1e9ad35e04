// The folder of an installation: its database, its lock, the administrator's token, the address it listens on.
#pragma once

#include <string>

#include "base/result.h"

namespace packwalk {

class DataDirectory {
 public:
  /// Makes the folder where it is missing, readable by its owner only.
  static Result<DataDirectory> open(const std::string& path);
  /// As it is, if it is there at all.
  static DataDirectory existing(const std::string& path) { return DataDirectory(path); }

  DataDirectory(DataDirectory&& other) noexcept;
  DataDirectory& operator=(DataDirectory&&) = delete;
  ~DataDirectory();

  /// Held until the end of this process, however it ends. Errc::conflict when another `serve` has it.
  Result<void> lock();

  /// From the file `admin.token` (mode 0600), which is made at first.
  Result<std::string> admin_token() const;

  /// `listen` appears when the server accepts connections, and goes when it stops.
  Result<void> write_listen(const std::string& address) const;
  void remove_listen() const;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  explicit DataDirectory(std::string path) : path_(std::move(path)) {}

  std::string path_;
  int lock_file_ = -1;
};

}  // namespace packwalk
