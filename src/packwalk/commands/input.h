// The input of a command: a file or standard input.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace packwalk {

/// The content of the file `path`, or of standard input for `-`. Errc::not_found: it cannot be read. Errc::too_large:
/// it has more than `bytes_max` bytes.
Result<std::string> read_input(const std::string& path, std::size_t bytes_max);

}  // namespace packwalk
