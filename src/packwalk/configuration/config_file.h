// The configuration as a TOML file.
#pragma once

#include <string>

#include "packwalk/configuration/config.h"

namespace packwalk {

/// Sets the keys that the file has. Errc::invalid_input for a file that cannot be read, an unknown key and a value out
/// of range; the error says in which line.
Result<void> apply_file(Config& config, const std::string& file);

/// A TOML file with every key, what it means and its default. docs/packwalk.toml is this text.
std::string documented_config();

}  // namespace packwalk
