#pragma once

#include "packwalk/subcommand.h"

namespace packwalk {

/// `packwalk replay`: sends recorded tracks as collars would, and accounts for every packet.
void add_replay(CLI::App& app, Chosen& chosen);

}  // namespace packwalk
