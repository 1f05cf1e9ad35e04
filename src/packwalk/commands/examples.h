// Examples for the help of each command.
#pragma once

#include <CLI/CLI.hpp>

namespace packwalk {

/// Below the help of each command that has some; and where to read more.
void add_examples(CLI::App& app);

}  // namespace packwalk
