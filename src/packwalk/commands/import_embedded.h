// `packwalk import-embedded`: moves a household's data into the database of many programs.
#pragma once

#include "packwalk/commands/subcommand.h"

namespace packwalk {

void add_import_embedded(CLI::App& app, Chosen& chosen);

}  // namespace packwalk
