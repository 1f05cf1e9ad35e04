// A file that is written in large pieces, and remembers errors.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/text.h"

namespace packwalk {

/// Appends to `text` go into the file; `-` means standard output. On a terminal, control characters are removed.
class Sheet {
 public:
  Sheet(std::filesystem::path path, const char* header) : text(header), path_(std::move(path)) {
    if (path_ != "-") file_.open(path_, std::ios::binary | std::ios::trunc);
  }

  std::string text;

  void flush_if_large() {
    if (text.size() >= text_bytes_max) flush();
  }
  /// Errc::unavailable: a part could not be written.
  Result<void> close() {
    flush();
    out().flush();
    if (path_ != "-") file_.close();
    if (!out()) return fail(Errc::unavailable, "cannot write " + (path_ == "-" ? "standard output" : path_.string()));
    return {};
  }

 private:
  static constexpr std::size_t text_bytes_max = 1 << 20;

  std::ostream& out() { return path_ == "-" ? std::cout : static_cast<std::ostream&>(file_); }
  void flush() {
    if (is_shown_) text = for_terminal(text);
    out().write(text.data(), static_cast<std::streamsize>(text.size()));
    text.clear();
  }

  std::filesystem::path path_;
  std::ofstream file_;
  const bool is_shown_ = path_ == "-" && ::isatty(STDOUT_FILENO) == 1;
};

}  // namespace packwalk
