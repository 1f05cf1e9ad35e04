// `packwalk migrate`: the schema of a PostgreSQL database.
#pragma once

#include "packwalk/commands/subcommand.h"

namespace packwalk {

void add_migrate(CLI::App& app, Chosen& chosen);

}  // namespace packwalk
