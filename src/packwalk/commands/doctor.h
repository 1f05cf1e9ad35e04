// `packwalk doctor`: checks every part of an installation, and prints findings with remedies.
#pragma once

#include "packwalk/commands/subcommand.h"

namespace packwalk {

void add_doctor(CLI::App& app, Chosen& chosen);

}  // namespace packwalk
