#pragma once

#include "packwalk/commands/subcommand.h"

namespace packwalk {

/// `packwalk archive`: copies, verifies, repairs and drops messages, with the archive in ClickHouse.
void add_archive(CLI::App& app, Chosen& chosen);

}  // namespace packwalk
