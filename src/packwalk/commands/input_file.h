// The unpacked bytes of a file or pipe that a command reads.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace packwalk {

/// A file, a pipe such as /dev/stdin or <(zcat x.gz), or standard input as `-`. Unpacks gzip. The text is valid as long
/// as this object.
class InputFile {
 public:
  enum class Digest { none, sha256 };

  /// Errc::not_found: it cannot be read. Errc::invalid_input: its format is not supported; the error names the format.
  /// Errc::too_large: a pipe or the unpacked text exceeds 4 GiB or a quarter of the memory.
  static Result<InputFile> open(const std::string& path, Digest digest = Digest::none);

  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&&) = delete;
  ~InputFile();

  std::string_view text() const { return mapped_.empty() ? std::string_view(read_) : mapped_; }
  /// The count of bytes before unpacking, and their SHA-256, which is empty with Digest::none.
  std::size_t bytes() const { return bytes_; }
  const std::string& sha256() const { return sha256_; }
  /// The flaw of a packed file that is cut short or damaged but partly readable; otherwise empty.
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

/// The name of a device that is named after its file: `rex` for walks/rex.csv.gz, `stdin` for `-`.
std::string device_of_path(const std::string& path);

}  // namespace packwalk
