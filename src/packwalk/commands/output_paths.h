// Checks of the paths to which a command writes.
#pragma once

#include <span>
#include <string>

#include "base/result.h"

namespace packwalk {

/// Errc::invalid_input: two of `outputs` are the same file, or an output is also an input, directly or by a link. `-`
/// is a pipe, empty paths are ignored, and devices such as /dev/null may be given twice.
Result<void> check_distinct(std::span<const std::string> outputs, std::span<const std::string> inputs);

/// Errc::conflict: `path` is an existing file that may not be overwritten. Errc::unavailable: it is a folder, or its
/// folder is missing or not writable. An empty path and `-` are always allowed.
Result<void> check_may_write(const std::string& path, bool overwrites);

}  // namespace packwalk
