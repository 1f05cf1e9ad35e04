#include "packwalk/commands/time_options.h"

#include <CLI/CLI.hpp>

#include "base/text.h"
#include "base/time_text.h"

namespace packwalk {
namespace {

Result<void> read_time(const char* flag, const std::optional<std::string>& text, DeviceTime& time) {
  if (!text) return {};
  const auto found = given_time(*text);
  if (!found)
    return fail(Errc::invalid_input, std::string(flag) + ": " + printable(*text) + " " + found.error().detail);
  time = *found;
  return {};
}

}  // namespace

void add_range_flags(CLI::App& command, RangeOptions& options, const std::string& what) {
  command.add_option("--from", options.from,
                     "From this time on: a day (2026-01-31, UTC), 2026-01-31T10:00:00Z, or seconds since 1970" + what);
  command.add_option("--to", options.to, "Up to, not including, this time");
}

Result<TimeRange> range_of(const RangeOptions& options) {
  TimeRange range{DeviceTime::min(), DeviceTime::max()};
  auto done = read_time("--from", options.from, range.from);
  if (done) done = read_time("--to", options.to, range.until);
  if (!done) return done.failure();
  if (range.until < range.from) return fail(Errc::invalid_input, "--to is before --from");
  return range;
}

}  // namespace packwalk
