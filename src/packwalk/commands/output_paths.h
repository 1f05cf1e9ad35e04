// Where a command may write.
#pragma once

#include <span>
#include <string>

#include "base/result.h"

namespace packwalk {

/// Errc::invalid_input where two of `outputs` are the same file, or one of them is one of `inputs`, also by a link. In
/// both `-` is a pipe, and an empty path is none; devices such as /dev/null may stand there twice.
Result<void> check_distinct(std::span<const std::string> outputs, std::span<const std::string> inputs);

/// Errc::conflict where `path` is a file that is there already, unless it may be overwritten; Errc::unavailable where
/// it is a folder, or its folder is missing or may not be written. Nothing and `-` may always be written.
Result<void> check_may_write(const std::string& path, bool overwrites);

}  // namespace packwalk
