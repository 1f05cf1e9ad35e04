// The use case of analysis: recomputes what is derived from a device's packets where packets came.
#pragma once

#include "app/analysis/analysis_sizes.h"
#include "core/walk/analysis_rules.h"
#include "ports/analysis_store.h"

namespace packwalk {

/// What a turn did.
struct AnalysisReport {
  std::size_t windows = 0;   // that it took; 0: the device has none that are stale
  std::size_t partners = 0;  // devices that may have been near it
  std::size_t attempts = 1;  // more: a partner was analysed at the same time
};

/// A device, and from which end of its stale windows a turn begins.
struct DeviceTurn {
  DeviceNumber device;
  WindowOrder order = WindowOrder::oldest_first;
};

/// Takes stale windows of a device that lie close together, recomputes all rows that packets in them can change
/// (OwnRows, PairRows) and clears them. What it takes of the store's time and of memory is bounded
/// by `sizes`, however long a track or a chain of contacts is. `taken`: the windows, as soon as they are known.
/// Nothing: somebody else is at this device. Errc::overloaded: others were in the way again and again; try again later,
/// as after Errc::unavailable. Errc::conflict: others analyse by other rules. All others: these windows cannot be
/// analysed.
Result<std::optional<AnalysisReport>> analyse_device(const DeviceTurn& turn, AnalysisStore& store,
                                                     const AnalysisRules& rules, const AnalysisSizes& sizes = {},
                                                     std::vector<StaleWindow>* taken = nullptr);

}  // namespace packwalk
