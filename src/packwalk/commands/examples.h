// Examples for the help of each command.
#pragma once

namespace CLI {
class App;
}  // namespace CLI

namespace packwalk {

/// The text below the help of a command: its examples, if it has some, and where to read more.
void add_examples(CLI::App& app);

}  // namespace packwalk
