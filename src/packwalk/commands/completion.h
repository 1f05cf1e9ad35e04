// A script that lets a shell complete the command line.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace packwalk {

/// For bash, made of what the parser knows.
std::string bash_completion(const CLI::App& app);

}  // namespace packwalk
