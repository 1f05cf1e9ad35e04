// A report on files that were read, so that a person can judge the results.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/units.h"
#include "packwalk/commands/recorded_fixes.h"

namespace packwalk {

struct ReadingFacts {
  std::size_t fixes = 0;
  std::size_t devices = 0;  // that have a fix
  std::optional<DeviceTime> first, last;
  std::size_t in_future = 0;
  std::size_t ancient = 0;                      // before 1990
  std::optional<std::int64_t> median_interval;  // seconds
};
ReadingFacts reading_facts(std::span<const RecordedDevice> devices, DeviceTime now);

/// Doubts, in sentences: one device per row, times in the future or before 1990, and fixes further apart than `bridge`,
/// between which analysis does not interpolate.
std::vector<std::string> doubts_about(const ReadingFacts& facts, const RecordedFixes& recorded,
                                      std::chrono::seconds bridge);

/// Lines for a person: how each file was understood, the counts of rows that were read, left out and dropped, and
/// `doubts`.
std::string reading_report(const RecordedFixes& recorded, const ReadingFacts& facts,
                           std::span<const std::string> doubts);

/// The same for one file, without the counts.
std::string reading_report(const std::string& path, const replay::Reading& reading);

/// The share of dropped rows, from 0 to 1.
double dropped_share(const RecordedFixes& recorded);

}  // namespace packwalk
