// What a command reads: a file, or standard input.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace packwalk {

/// All of the file `path`, or of standard input for `-`. Errc::not_found when it cannot be read, Errc::too_large when
/// it has more than `bytes_max`.
Result<std::string> read_input(const std::string& path, std::size_t bytes_max);

}  // namespace packwalk
