// The layout of --help.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

namespace packwalk {

/// Lines of at most 100 characters, with placeholders instead of types.
class HelpFormat : public CLI::Formatter {
 public:
  std::string make_option(const CLI::Option* option, bool is_positional) const override;
  std::string make_subcommand(const CLI::App* command) const override;
  std::string make_description(const CLI::App* command) const override;
  std::string make_usage(const CLI::App* command, std::string name) const override;
};

}  // namespace packwalk
