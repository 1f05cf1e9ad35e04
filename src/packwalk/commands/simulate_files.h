// A simulated town into files.
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
  bool uploads = true;  // uploads.ndjson too, the largest of the files
};

/// Told, now and then, the share that is done.
using Progress = std::function<void(double)>;

/// Writes fixes.csv and activity.csv (what was measured, by time), uploads.ndjson (what was sent, in order) and
/// truth.csv into a folder, which it makes. Errc::conflict when one of them is there already and `overwrite` is false;
/// Errc::unavailable when the disk refuses.
Result<SimulatedFiles> write_simulation(const town::Town& town, const SimulationOutput& output,
                                        const Progress& progress);

/// Writes truth.csv alone, under the same rules; says how many walks.
Result<std::uint64_t> write_truth(const town::Town& town, const std::filesystem::path& folder, bool overwrite);

}  // namespace packwalk
