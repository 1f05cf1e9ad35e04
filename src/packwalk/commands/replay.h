#pragma once

#include "packwalk/commands/subcommand.h"

namespace packwalk {

/// `packwalk replay`: sends recorded tracks as collars would, and tallies for every packet.
void add_replay(CLI::App& app, Chosen& chosen);

}  // namespace packwalk
