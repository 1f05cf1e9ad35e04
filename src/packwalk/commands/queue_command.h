// `packwalk queue`: what waits at the broker, and its dead letters.
#pragma once

#include "packwalk/commands/subcommand.h"

namespace packwalk {

void add_queue(CLI::App& app, Chosen& chosen);

}  // namespace packwalk
