// The use case of analysis: makes what is derived from a device's packets anew where packets came.
#pragma once

#include "core/walk/analysis_rules.h"
#include "ports/analysis_store.h"

namespace packwalk {

/// What a turn did.
struct AnalysisReport {
  std::size_t windows = 0;   // that it took; 0: the device has none that are stale
  std::size_t partners = 0;  // devices that may have been near it
  std::size_t attempts = 1;  // more: a partner was analysed at the same time
};

/// At most so many windows are made anew in one turn: those of a day, or of two where every other one is stale.
inline constexpr std::size_t turn_windows_max = 96;

/// Takes stale windows of a device that lie close together, the oldest or the newest, makes anew all rows that packets
/// in them can change (OwnRows, PairRows) and clears them. Nothing: somebody else is at this device. Errc::overloaded:
/// others were in the way again and again; try again later, as after Errc::unavailable. Errc::conflict: others analyse
/// by other rules. Errc::too_large: the device cannot be analysed.
Result<std::optional<AnalysisReport>> analyse_device(DeviceNumber device, WindowOrder order, AnalysisStore& store,
                                                     const AnalysisRules& rules);

}  // namespace packwalk
