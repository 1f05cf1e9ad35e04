// The manual page.
#pragma once

#include <string>

namespace CLI {
class App;
}  // namespace CLI

namespace packwalk {

/// packwalk(1) for `man`, generated from the parser.
std::string man_page(const CLI::App& app, const std::string& version);

}  // namespace packwalk
