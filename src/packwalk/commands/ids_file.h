// A file that lists the devices to add.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"

namespace packwalk {

/// Lines of ids, in their order; blank lines, a heading, and what follows a comma, as in the output of `device add`, do
/// not count. `path` may be -, standard input. Errc::corrupt: it names no device, or one twice.
Result<std::vector<std::string>> ids_in(const std::string& path, std::size_t devices_max);

}  // namespace packwalk
