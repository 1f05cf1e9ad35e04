// The manual page.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace packwalk {

/// packwalk(1) for `man`, made of what the parser knows.
std::string man_page(const CLI::App& app, const std::string& version);

}  // namespace packwalk
