// Error messages for command lines that are not valid.
#pragma once

#include <span>
#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace packwalk {

/// One sentence. If a command or option is unknown, it suggests the most similar one. `words` is the command line
/// without the program name; the parser refused it with `error`.
std::string misuse_of(const CLI::App& app, std::span<char* const> words, const CLI::ParseError& error);

}  // namespace packwalk
