// Processes that a benchmark starts, and ends.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace packwalk::bench {

/// Ends its process, by its id, when it is destroyed.
class Child {
 public:
  /// Runs `work` in a copy of this process, which must have no threads.
  static Child running(const std::function<void()>& work);
  /// Runs a program. Its output is thrown away.
  static Child of(const std::vector<std::string>& command);
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  ~Child();

  pid_t id() const { return id_; }

 private:
  explicit Child(pid_t id) : id_(id) {}
  pid_t id_;
};

/// What a program prints. Throws when it fails.
std::string output_of(const std::string& command);

/// A folder that goes, with all in it, when this is destroyed.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// `packwalk serve`, or another role, on a folder of its own.
class Served {
 public:
  Served(const std::string& packwalk, const std::string& role, const std::string& folder);

  pid_t id() const { return child_.id(); }
  std::uint16_t port() const { return port_; }
  std::uint16_t ops_port() const { return ops_port_; }
  const std::string& admin_token() const { return admin_token_; }
  /// Resident memory, bytes.
  std::size_t resident_bytes() const;

 private:
  Child child_;
  std::uint16_t port_ = 0;
  std::uint16_t ops_port_ = 0;
  std::string admin_token_;
};

}  // namespace packwalk::bench
