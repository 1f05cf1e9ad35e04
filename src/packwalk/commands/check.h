#pragma once

#include "packwalk/commands/subcommand.h"

namespace packwalk {

/// `packwalk check`: checks that all stored data follows from the kept messages.
void add_check(CLI::App& app, Chosen& chosen);

}  // namespace packwalk
