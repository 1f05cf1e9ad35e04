#pragma once

#include "packwalk/commands/subcommand.h"

namespace packwalk {

/// `packwalk replay`: sends recorded tracks as collars would, and checks the verdict on every packet.
void add_replay(CLI::App& app, Chosen& chosen);

}  // namespace packwalk
