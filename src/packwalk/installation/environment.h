// The environment variables that are not keys of the configuration.
#pragma once

#include <optional>
#include <string>

namespace packwalk {

/// The value of a variable such as PACKWALK_DATA. Nothing if it is not set or empty.
std::optional<std::string> from_environment(const char* variable);

}  // namespace packwalk
