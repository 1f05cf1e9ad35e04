// Names of devices in a file, as ids.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"

namespace packwalk::replay {

/// Names as device ids: each byte that an id cannot have becomes `_`, what is too long is cut, and a name that then is
/// taken gets -2, -3 and so on. A name that is an id stays as it is. No name twice.
std::vector<DeviceId> device_ids_of(const std::vector<std::string>& names);

}  // namespace packwalk::replay
