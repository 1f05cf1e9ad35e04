#pragma once

#include "packwalk/commands/subcommand.h"

namespace packwalk {

/// `packwalk check`: whether all that is stored follows from the messages that were kept.
void add_check(CLI::App& app, Chosen& chosen);

}  // namespace packwalk
