// The configuration as a TOML file.
#pragma once

#include <string>

#include "packwalk/configuration/config.h"

namespace packwalk {

/// Sets the keys that the file contains. Errc::invalid_input: the file cannot be read, a key is unknown, or a value is
/// out of range. The error names the line.
Result<void> apply_file(Config& config, const std::string& file);

/// A TOML file with every key, what it means and its default. docs/packwalk.toml is this text.
std::string documented_config();

}  // namespace packwalk
