#pragma once

#include "packwalk/commands/subcommand.h"

namespace packwalk {

/// `packwalk serve`: every role in one process.
void add_serve(CLI::App& app, Chosen& chosen);

}  // namespace packwalk
