// The bytes of a file or pipe that a command reads, unpacked.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace packwalk {

/// A file, a pipe such as /dev/stdin or <(zcat x.gz), or standard input as `-`. What gzip packed is unpacked. Good as
/// long as this lives.
class InputFile {
 public:
  enum class Digest { none, sha256 };

  /// Errc::not_found when it cannot be read; Errc::invalid_input when it is packed in a form that is not read, and then
  /// says which; Errc::too_large where a pipe, or what is unpacked, is beyond 4 GiB or a quarter of the memory.
  static Result<InputFile> open(const std::string& path, Digest digest = Digest::none);

  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&&) = delete;
  ~InputFile();

  std::string_view text() const { return mapped_.empty() ? std::string_view(read_) : mapped_; }
  /// How many there were before they were unpacked, and their SHA-256; empty with Digest::none.
  std::size_t bytes() const { return bytes_; }
  const std::string& sha256() const { return sha256_; }
  /// Where a packed file is cut short or damaged, and so much can be read that it may be of use; else empty.
  const std::string& warning() const { return warning_; }

 private:
  InputFile() = default;
  Result<void> unpack();

  std::string_view mapped_;
  std::string read_;
  std::size_t bytes_ = 0;
  std::string sha256_;
  std::string warning_;
};

/// The name for a device that a file is of: `rex` of walks/rex.csv.gz, and `stdin` of `-`.
std::string device_of_path(const std::string& path);

}  // namespace packwalk
