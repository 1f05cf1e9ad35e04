// The options that name an installation, from the command line and the environment.
#pragma once

#include <optional>
#include <string>

#include "packwalk/configuration/config.h"

namespace CLI {
class App;
}  // namespace CLI

namespace packwalk {

/// If an option is not given, PACKWALK_DATA or PACKWALK_CONFIG replaces it.
struct InstallationOptions {
  std::string data = "data";
  std::optional<std::string> config;  // a TOML file to use instead of packwalk.toml in the folder

  /// Adds --data and --config to a command. `what` is the help text of --data.
  void add_to(CLI::App& command, const std::string& what);
  /// Adds only --config, for a command with a --data of its own.
  void add_config_to(CLI::App& command);

  /// Reads the configuration that the options name.
  Result<Config> read_config() const;
};

}  // namespace packwalk
