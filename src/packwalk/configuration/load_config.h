// Reads the configuration: defaults, then a TOML file, then environment variables. The command line comes last.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "packwalk/configuration/config.h"

namespace packwalk {

/// Reads `file` and the environment variables PACKWALK_<SECTION>_<KEY>. Without `file` it reads packwalk.toml in the
/// folder `data`, if that exists. An unknown key of the file is an error, and so is a value out of range; the error
/// names it. An unknown variable may belong to another program: the Config lists it, except for those of Kubernetes
/// (service_links.h), PACKWALK_DATA and PACKWALK_CONFIG.
Result<Config> load_config(const std::string& data, const std::optional<std::string>& file,
                           const char* const* environment);

}  // namespace packwalk
