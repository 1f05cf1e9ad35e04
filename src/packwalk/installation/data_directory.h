// The folder of an installation: its database, its lock, the administrator's token, the address it listens on.
#pragma once

#include <string>
#include <vector>

#include "base/finding.h"
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

  /// From the file `admin.token`, which is made when it is missing. Errc::invalid_input when others than its owner may
  /// use the file, or when the token is shorter than 32 or longer than 256
  /// characters, or has others than visible ASCII.
  Result<std::string> admin_token() const;
  /// The same, and Errc::not_found when it is missing.
  Result<std::string> read_admin_token() const;

  /// The files `listen` and `ops.listen` (the address for operations) appear when the server accepts connections, and
  /// go when it stops.
  Result<void> write_listen(const std::string& address, const std::string& ops_address) const;
  void remove_listen() const;

  /// A fault for each folder that others than its owner may write into.
  std::vector<Finding> examine_permissions() const;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  explicit DataDirectory(std::string path) : path_(std::move(path)) {}

  std::string path_;
  int lock_file_ = -1;
};

}  // namespace packwalk
