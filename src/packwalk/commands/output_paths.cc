#include "packwalk/commands/output_paths.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace packwalk {
namespace {

namespace fs = std::filesystem;

bool is_pipe_or_none(const std::string& path) { return path.empty() || path == "-"; }

fs::path whole_path(const std::string& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  fs::path whole = fs::weakly_canonical(absolute, error);
  return error ? absolute : whole;
}

bool are_one_file(const std::string& one, const std::string& other) {
  std::error_code ignored;  // if stat() fails, the file does not exist
  if (fs::is_character_file(one, ignored)) return false;
  return fs::equivalent(one, other, ignored) || whole_path(one) == whole_path(other);
}

Failure cannot_write(const std::string& path, const std::string& why) {
  return fail(Errc::unavailable, "cannot write " + path + ": " + why);
}

}  // namespace

Result<void> check_distinct(std::span<const std::string> outputs, std::span<const std::string> inputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (is_pipe_or_none(outputs[i])) continue;
    for (const std::string& other : outputs.subspan(i + 1)) {
      if (!is_pipe_or_none(other) && are_one_file(outputs[i], other)) {
        return fail(Errc::invalid_input, "two outputs are the same file: " + outputs[i]);
      }
    }
    for (const std::string& input : inputs) {
      if (!input.empty() && are_one_file(outputs[i], input == "-" ? "/dev/stdin" : input)) {
        return fail(Errc::invalid_input, outputs[i] + " is both input and output");
      }
    }
  }
  return {};
}

Result<void> check_may_write(const std::string& path, bool overwrites) {
  if (is_pipe_or_none(path)) return {};
  std::error_code ignored;  // if stat() fails, open() fails too
  if (fs::is_directory(path, ignored)) return cannot_write(path, "it is a folder");
  if (fs::exists(path, ignored)) {
    if (!overwrites && fs::is_regular_file(path, ignored)) {
      return fail(Errc::conflict, path + " exists already (--force overwrites it)");
    }
    if (::access(path.c_str(), W_OK) != 0) return cannot_write(path, std::strerror(errno));
    return {};
  }
  const fs::path named = fs::path(path).parent_path();
  const std::string folder = named.empty() ? "." : named.string();
  if (!fs::is_directory(folder, ignored)) return cannot_write(path, "there is no folder " + folder);
  if (::access(folder.c_str(), W_OK | X_OK) != 0) return cannot_write(path, std::strerror(errno));
  return {};
}

}  // namespace packwalk
