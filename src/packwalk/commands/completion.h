// The completion script of a shell.
#pragma once

#include <string>

namespace CLI {
class App;
}  // namespace CLI

namespace packwalk {

/// For bash, generated from the parser.
std::string bash_completion(const CLI::App& app);

}  // namespace packwalk
