#pragma once

#include "packwalk/commands/subcommand.h"

namespace packwalk {

/// `packwalk archive`: what the archive in ClickHouse has of the kept messages.
void add_archive(CLI::App& app, Chosen& chosen);

}  // namespace packwalk
