// Times on the command line.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "ports/query_store.h"

namespace CLI {
class App;
}  // namespace CLI

namespace packwalk {

/// The texts of `--from` and `--to`.
struct RangeOptions {
  std::optional<std::string> from, to;
};

/// `what` is the end of the help text of --from.
void add_range_flags(CLI::App& command, RangeOptions& options, const std::string& what);

/// `to` is not included. The defaults are DeviceTime::min() and max(). Errc::invalid_input names the flag.
Result<TimeRange> range_of(const RangeOptions& options);

}  // namespace packwalk
