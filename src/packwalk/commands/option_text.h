// Texts from the parser, for --help, the man page and completion.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace packwalk {

/// The direct sub-commands of `app`, in their order.
std::vector<const CLI::App*> commands_of(const CLI::App& app);
/// "device add"; "" for the program itself.
std::string path_of(const CLI::App& command);

/// The syntax of an option: "--format csv|geojson|gpx", "FILE...".
std::string synopsis_of(const CLI::Option& option);
/// Its meaning, range and default.
std::string meaning_of(const CLI::Option& option);
/// The allowed values of an option, if they are listed.
std::vector<std::string> choices_of(const CLI::Option& option);
/// FILE, DIR, N, ..; "" for a flag.
std::string placeholder_of(const CLI::Option& option);

/// Wraps a text at `width` characters; longer words get a line of their own, and line ends stay. Each line but the
/// first begins with `indent` blanks.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);

}  // namespace packwalk
