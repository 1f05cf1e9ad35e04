// `packwalk export`: the data of a device, as files.
#pragma once

#include "packwalk/commands/subcommand.h"

namespace packwalk {

void add_export(CLI::App& app, Chosen& chosen);

}  // namespace packwalk
