#include "packwalk/commands/reading_options.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <utility>

#include "adapters/system/system_clock.h"

namespace packwalk {

const CLI::Validator input_path([](std::string& path) { return path == "-" ? std::string() : CLI::ExistingFile(path); },
                                "FILE", "FILE");

void add_reading_flags(CLI::App& command, ReadingOptions& options) {
  command.add_option("--columns", options.columns,
                     "Names of the file's columns for device, timestamp (or date and clock), lat, lon, altitude, "
                     "accuracy, hdop, visible, activity, if they are not the usual ones: lat=Y,lon=X");
  command.add_option(
      "--device", options.device,
      "Device of all files without a device column [GPX: the track's name, if names differ; else the file's name]");
  auto* const day_first =
      command.add_flag("--day-first", options.day_first, "Dates such as 02.03.2026 begin with the day");
  command.add_flag("--month-first", options.month_first, "Dates such as 3/2/2026 begin with the month")
      ->excludes(day_first);
  command.add_flag("--excel-days", options.excel_days, "Read numeric times as Excel serial days: 46083.5");
  command.add_flag("--waypoints", options.waypoints, "GPX: also read waypoints and route points with times");
}

Result<replay::ReadRules> read_rules_of(const ReadingOptions& options) {
  auto columns = replay::columns_from(options.columns);
  if (!columns) return fail(Errc::invalid_input, "--columns: " + columns.error().detail);
  const DateOrder order = options.day_first     ? DateOrder::day_first
                          : options.month_first ? DateOrder::month_first
                                                : DateOrder::unknown;
  const auto tomorrow = make_system_clock()->now() + std::chrono::hours(24);
  return replay::ReadRules{.columns = *std::move(columns),
                           .device = options.device,
                           .times = {.order = order, .excel_days = options.excel_days},
                           .latest = std::chrono::floor<std::chrono::seconds>(tomorrow),
                           .waypoints = options.waypoints};
}

}  // namespace packwalk
