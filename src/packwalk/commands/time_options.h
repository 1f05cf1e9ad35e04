// Times on the command line.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "base/result.h"
#include "ports/query_store.h"

namespace packwalk {

/// `--from` and `--to`, as they came.
struct RangeOptions {
  std::optional<std::string> from, to;
};

/// `what`: ends the help of --from.
void add_range_flags(CLI::App& command, RangeOptions& options, const std::string& what);

/// Up to, not including, `to`; DeviceTime::min() and max() where nothing is said. Errc::invalid_input names the flag.
Result<TimeRange> range_of(const RangeOptions& options);

}  // namespace packwalk
