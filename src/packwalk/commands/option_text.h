// What the parser knows of a command, as text for --help, the man page and completion.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace packwalk {

/// All commands below `app`, in their order.
std::vector<const CLI::App*> commands_of(const CLI::App& app);
/// "device add"; "" of the program itself.
std::string path_of(const CLI::App& command);

/// "--format csv|geojson|gpx", "FILE...": how it is written.
std::string synopsis_of(const CLI::Option& option);
/// What it means, in which range it lies, and its default.
std::string meaning_of(const CLI::Option& option);
/// The words that may stand after it, where there are only some.
std::vector<std::string> choices_of(const CLI::Option& option);
/// FILE, DIR, N, ..; "" for a flag.
std::string placeholder_of(const CLI::Option& option);

/// In lines of `width` characters at most, but for longer words; line ends stay. Each line but the first begins with
/// `indent` blanks.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);

}  // namespace packwalk
