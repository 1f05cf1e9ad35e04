// Where an installation is, as the command line and the environment tell it.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "base/result.h"
#include "packwalk/installation/config.h"

namespace packwalk {

/// Where an installation is. The environment variables PACKWALK_DATA and PACKWALK_CONFIG stand for options that are not
/// given.
struct Installation {
  std::string data = "data";
  std::optional<std::string> config;  // another TOML file than that in the folder

  /// Adds --data and --config to a command; `what` says what --data is for it.
  void add_to(CLI::App& command, const std::string& what);
  /// Its configuration. Warns of unknown environment variables on standard error.
  Result<Config> read_config() const;
};

/// What a variable such as PACKWALK_DATA says; nothing when it is not set, or empty.
std::optional<std::string> from_environment(const char* variable);

}  // namespace packwalk
