// Reads the configuration: defaults, then a TOML file, then environment variables. The command line comes last.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "packwalk/configuration/config.h"

namespace packwalk {

/// Reads `file` (none: packwalk.toml in the folder `data`, where there is one) and the environment variables
/// PACKWALK_<SECTION>_<KEY>. An unknown key of the file is an error that names it; so is a value out of range, in
/// either. Variables that nobody knows may be somebody else's: they are listed in the Config, except for those of
/// Kubernetes (service_links.h), PACKWALK_DATA and PACKWALK_CONFIG.
Result<Config> load_config(const std::string& data, const std::optional<std::string>& file,
                           const char* const* environment);

}  // namespace packwalk
