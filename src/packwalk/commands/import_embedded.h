// `packwalk import-embedded`: imports a household's data folder into a PostgreSQL database.
#pragma once

#include "packwalk/commands/subcommand.h"

namespace packwalk {

void add_import_embedded(CLI::App& app, Chosen& chosen);

}  // namespace packwalk
