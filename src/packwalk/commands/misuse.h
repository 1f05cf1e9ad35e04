// What to say of a command line that makes no sense.
#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>

namespace packwalk {

/// One sentence, with the nearest command or option where one is unknown. `words`: the command line without the name of
/// the program, which the parser refused with `error`.
std::string misuse_of(const CLI::App& app, std::span<char* const> words, const CLI::ParseError& error);

}  // namespace packwalk
