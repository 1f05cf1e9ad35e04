#include "packwalk/installation/installation.h"

#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "base/nearest.h"
#include "base/text.h"

namespace packwalk {

void Installation::add_to(CLI::App& command, const std::string& what) {
  // Not by CLI11's envname(): it would set what several commands share for each that was not chosen as well.
  data = from_environment("PACKWALK_DATA").value_or(data);
  config = from_environment("PACKWALK_CONFIG");
  command.add_option("--data", data, what + " (PACKWALK_DATA)")->type_name("DIR")->capture_default_str();
  command
      .add_option("--config", config,
                  "TOML file [packwalk.toml in the folder --data, if it is there] (PACKWALK_CONFIG)")
      ->check(CLI::ExistingFile);
}

Result<Config> Installation::read_config() const {
  auto read = load_config(data, config, environ);
  if (!read) return read;
  for (const UnknownVariable& each : read->unknown_variables) {
    std::cerr << "packwalk: unknown environment variable " << printable(each.name) << " is ignored"
              << suggestion(each.nearest) << '\n';
  }
  return read;
}

std::optional<std::string> from_environment(const char* variable) {
  const char* text = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): nobody sets any
  return text && *text ? std::optional<std::string>(text) : std::nullopt;
}

}  // namespace packwalk
