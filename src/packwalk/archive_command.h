#pragma once

#include "packwalk/subcommand.h"

namespace packwalk {

/// `packwalk archive`: what the archive in ClickHouse has of the kept messages.
void add_archive(CLI::App& app, Chosen& chosen);

}  // namespace packwalk
