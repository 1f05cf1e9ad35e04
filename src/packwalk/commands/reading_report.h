// What a person should know about files that were read, before he believes what comes of them.
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

/// What looks wrong, in sentences: rows that are each a device of their own, times in the future or before 1990, and
/// fixes further apart than `bridge`, between which a device is nowhere.
std::vector<std::string> doubts_about(const ReadingFacts& facts, const RecordedFixes& recorded,
                                      std::chrono::seconds bridge);

/// Lines for a person: how each file was understood, what was read, what was left out and dropped, and `doubts`.
std::string reading_report(const RecordedFixes& recorded, const ReadingFacts& facts,
                           std::span<const std::string> doubts);

/// The same of one file, without what was made of its rows.
std::string reading_report(const std::string& path, const replay::Reading& reading);

/// Of all rows, how many were dropped, from 0 to 1.
double dropped_share(const RecordedFixes& recorded);

}  // namespace packwalk
