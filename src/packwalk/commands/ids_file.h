// A file that lists the devices to add.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"

namespace packwalk {

/// The ids of the lines, in their order. Blank lines, a heading, and text after a comma (as in the output of `device
/// add`) do not count. `path` may be - for standard input. Errc::corrupt: the file has no id, or one id twice.
Result<std::vector<std::string>> ids_in(const std::string& path, std::size_t devices_max);

}  // namespace packwalk
