// The data folder of an installation: its database, its lock, the administrator's token, and its address.
#pragma once

#include <string>
#include <vector>

#include "base/finding.h"
#include "base/result.h"

namespace packwalk {

class DataDirectory {
 public:
  /// Creates the folder if it is missing, readable by its owner only.
  static Result<DataDirectory> open(const std::string& path);
  /// Uses the folder as it is, and creates nothing.
  static DataDirectory existing(const std::string& path) { return DataDirectory(path); }

  DataDirectory(DataDirectory&& other) noexcept;
  DataDirectory& operator=(DataDirectory&&) = delete;
  ~DataDirectory();

  /// Without unlock(), the lock lasts until this process ends, also by a crash. Errc::conflict: another process holds
  /// it, usually a server.
  Result<void> lock();
  void unlock();
  bool is_locked() const { return lock_file_ >= 0; }

  /// Reads the file `admin.token`, or creates it. Errc::invalid_input: other users than its owner may use the file, or
  /// the token has fewer than 32 or more than 256 characters, or others than visible ASCII.
  Result<std::string> admin_token() const;
  /// The same, but Errc::not_found if it is missing.
  Result<std::string> read_admin_token() const;

  /// The files `listen` and `ops.listen` (the address for operators) exist while the server accepts connections.
  Result<void> write_listen(const std::string& address, const std::string& ops_address) const;
  void remove_listen() const;

  /// Adds a fault for each folder that other users than its owner may write to, and a doubt for each group of files
  /// with packets or positions that they may read.
  std::vector<Finding> examine_permissions() const;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  explicit DataDirectory(std::string path) : path_(std::move(path)) {}

  std::string path_;
  int lock_file_ = -1;
};

/// Whether other users of this machine may enter the folder of a file and read the file.
bool lets_others_read(const std::string& file);

}  // namespace packwalk
