#include "packwalk/installation/installation_options.h"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "packwalk/configuration/load_config.h"
#include "packwalk/installation/environment.h"

namespace packwalk {

void InstallationOptions::add_to(CLI::App& command, const std::string& what) {
  // Not by CLI11's envname(): it would also set options of commands that were not chosen.
  data = from_environment("PACKWALK_DATA").value_or(data);
  command.add_option("--data", data, what + " (PACKWALK_DATA)")->type_name("DIR")->capture_default_str();
  add_config_to(command);
}

void InstallationOptions::add_config_to(CLI::App& command) {
  config = from_environment("PACKWALK_CONFIG");
  command
      .add_option("--config", config,
                  "Configuration file [packwalk.toml in the folder --data, if it exists] (PACKWALK_CONFIG)")
      ->check(CLI::ExistingFile);
}

Result<Config> InstallationOptions::read_config() const { return load_config(data, config, environ); }

}  // namespace packwalk
