// The completion script of a shell.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace packwalk {

/// For bash, generated from the parser.
std::string bash_completion(const CLI::App& app);

}  // namespace packwalk
