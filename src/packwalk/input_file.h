// The bytes of a file or pipe that a command reads, unpacked.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace packwalk {

/// A file, a pipe such as /dev/stdin or <(zcat x.gz), or standard input as `-`. What gzip packed is unpacked. Good as
/// long as this lives.
class InputFile {
 public:
  /// Errc::not_found when it cannot be read; Errc::invalid_input when it is packed in a form that is not read, and then
  /// says which; Errc::too_large beyond 4 GiB of a pipe or of what is unpacked.
  static Result<InputFile> open(const std::string& path);

  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&&) = delete;
  ~InputFile();

  std::string_view text() const { return mapped_.empty() ? std::string_view(read_) : mapped_; }

 private:
  InputFile() = default;
  Result<void> unpack();

  std::string_view mapped_;
  std::string read_;
};

/// The name for a device that a file is of: `rex` of walks/rex.csv.gz, and `stdin` of `-`.
std::string device_of_path(const std::string& path);

}  // namespace packwalk
