// `packwalk analyse`: tracks, contacts and joint walks of files, without a server.
#pragma once

#include "packwalk/commands/subcommand.h"

namespace packwalk {

void add_analyse(CLI::App& app, Chosen& chosen);

}  // namespace packwalk
