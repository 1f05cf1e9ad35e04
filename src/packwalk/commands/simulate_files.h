// Writes a simulated town into files.
#pragma once

#include <filesystem>
#include <functional>

#include "base/result.h"
#include "town/town.h"

namespace packwalk {

struct SimulatedFiles {
  std::uint64_t fixes = 0;
  std::uint64_t activities = 0;
  std::uint64_t sent = 0;  // packets of all uploads, duplicates included
  std::uint64_t walks = 0;
};

struct SimulationOutput {
  std::filesystem::path folder;
  bool overwrite = false;
  bool uploads = true;  // whether to write uploads.ndjson, the largest file
};

/// Receives the share that is done, from time to time.
using Progress = std::function<void(double)>;

/// Writes fixes.csv and activity.csv (measurements, by time), uploads.ndjson (uploads, in order) and truth.csv into a
/// folder, which it creates. Errc::conflict: a file exists and `overwrite` is false. Errc::unavailable: the disk does
/// not accept the data.
Result<SimulatedFiles> write_simulation(const town::Town& town, const SimulationOutput& output,
                                        const Progress& progress);

/// Writes only truth.csv, by the same rules. Returns the number of walks.
Result<std::uint64_t> write_truth(const town::Town& town, const std::filesystem::path& folder, bool overwrite);

}  // namespace packwalk
