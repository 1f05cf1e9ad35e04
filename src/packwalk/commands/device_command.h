#pragma once

#include "packwalk/commands/subcommand.h"

namespace packwalk {

/// `packwalk device add|list|rotate-token|remove`: works beside a running `serve`.
void add_device(CLI::App& app, Chosen& chosen);

}  // namespace packwalk
