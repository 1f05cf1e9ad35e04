// What every sub-command offers to main.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "base/result.h"

namespace packwalk {

/// The sub-command that the words on the command line chose, ready to run; it returns the exit code.
using Chosen = std::function<int()>;

/// Prints `packwalk: <sentence>` on standard error and returns the exit code of a failure.
int complain(const std::string& sentence);

/// The same of a command line that makes no sense.
int complain_of_usage(const std::string& sentence);

inline constexpr int exit_success = 0;
inline constexpr int exit_failure = 1;
inline constexpr int exit_misuse = 2;

}  // namespace packwalk
