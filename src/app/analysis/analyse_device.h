// The use case of analysis: recomputes a device's derived data where packets arrived.
#pragma once

#include "app/analysis/analysis_sizes.h"
#include "core/walk/analysis_rules.h"
#include "ports/analysis_store.h"

namespace packwalk {

/// The result of a turn.
struct AnalysisReport {
  std::size_t windows = 0;   // windows that it took; 0: the device has no stale windows
  std::size_t partners = 0;  // devices that may have been near
  std::size_t attempts = 1;  // more than one if a partner was analysed at the same time
};

/// A device, and the end of its stale windows at which a turn begins.
struct DeviceTurn {
  DeviceNumber device;
  WindowOrder order = WindowOrder::oldest_first;
};

/// Takes stale windows of a device that are close together, recomputes all rows that packets in them can change
/// (OwnRows, PairRows), and clears the windows. `sizes` bounds its memory and its load on the store, for tracks and
/// chains of any length. `taken` receives the windows as soon as they are known. Empty: another process is analysing
/// this device. Errc::overloaded: others interfered repeatedly; try again later, as after Errc::unavailable.
/// Errc::conflict: other processes use other rules. Other errors: these windows cannot be analysed.
Result<std::optional<AnalysisReport>> analyse_device(const DeviceTurn& turn, AnalysisStore& store,
                                                     const AnalysisRules& rules, const AnalysisSizes& sizes = {},
                                                     std::vector<StaleWindow>* taken = nullptr);

}  // namespace packwalk
