// The interface between main and the sub-commands.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"

namespace CLI {
class App;
}  // namespace CLI

namespace packwalk {

/// The chosen sub-command, ready to run. It returns the exit code.
using Chosen = std::function<int()>;

/// Prints `packwalk: <sentence>` on standard error and returns the exit code of a failure.
int complain(const std::string& sentence);

/// The same for a command line that is not valid.
int complain_of_usage(const std::string& sentence);

inline constexpr int exit_success = 0;
inline constexpr int exit_failure = 1;
inline constexpr int exit_misuse = 2;

}  // namespace packwalk
