// Whether a configuration file needs to be private.
#pragma once

#include <string>

#include "base/result.h"

namespace packwalk {

/// Whether the file sets a secret or a URL with a password. Does not look at the environment. Errc::invalid_input: the
/// file cannot be read or is not valid.
Result<bool> holds_secret(const std::string& file);

}  // namespace packwalk
