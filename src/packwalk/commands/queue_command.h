// `packwalk queue`: the messages that wait in the queue, and its dead letters.
#pragma once

#include "packwalk/commands/subcommand.h"

namespace packwalk {

void add_queue(CLI::App& app, Chosen& chosen);

}  // namespace packwalk
