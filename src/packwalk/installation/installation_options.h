// Where an installation is, as the command line and the environment tell it.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "packwalk/configuration/config.h"

namespace packwalk {

/// The environment variables PACKWALK_DATA and PACKWALK_CONFIG stand for options that are not given.
struct InstallationOptions {
  std::string data = "data";
  std::optional<std::string> config;  // another TOML file than packwalk.toml in the folder

  /// Adds --data and --config to a command; `what` says what --data is for it.
  void add_to(CLI::App& command, const std::string& what);
  /// Adds --config alone, for a command with a --data of its own.
  void add_config_to(CLI::App& command);

  /// Reads the configuration that they name.
  Result<Config> read_config() const;
};

}  // namespace packwalk
