// `packwalk doctor`: looks at every part of an installation and says what is wrong and what to do.
#pragma once

#include "packwalk/commands/subcommand.h"

namespace packwalk {

void add_doctor(CLI::App& app, Chosen& chosen);

}  // namespace packwalk
