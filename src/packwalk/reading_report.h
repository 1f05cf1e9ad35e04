// What a person should know about files that were read, before he believes what comes of them.
#pragma once

#include <chrono>
#include <span>
#include <string>

#include "base/units.h"
#include "packwalk/recorded_fixes.h"

namespace packwalk {

/// Lines for a person: how each file was understood, what was read, what was left out and dropped, and what looks
/// wrong: rows that are each a device of their own, times in the future or before 1990, and fixes further apart than
/// `bridge`, between which a device is nowhere.
std::string reading_report(const RecordedFixes& recorded, std::span<const RecordedDevice> devices,
                           std::chrono::seconds bridge, DeviceTime now);

/// Of all rows, how many were dropped, from 0 to 1.
double dropped_share(const RecordedFixes& recorded);

}  // namespace packwalk
