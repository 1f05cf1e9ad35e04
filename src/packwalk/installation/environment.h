// The environment variables that are no keys of the configuration.
#pragma once

#include <optional>
#include <string>

namespace packwalk {

/// What a variable such as PACKWALK_DATA says; nothing when it is not set, or empty.
std::optional<std::string> from_environment(const char* variable);

}  // namespace packwalk
