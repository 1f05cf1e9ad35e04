#include "packwalk/commands/device_options.h"

#include <chrono>

#include "base/time_text.h"

namespace packwalk {

std::string time_text(ServerTime time) { return iso_text(std::chrono::floor<std::chrono::seconds>(time)); }

}  // namespace packwalk
