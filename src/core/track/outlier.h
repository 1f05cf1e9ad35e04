// Outliers: fixes at positions that a device cannot have reached, given its positions just before and just after.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/track/track.h"

namespace packwalk {

struct OutlierRules {
  std::chrono::seconds bridge{90};  // a neighbour further away in time does not count
  double speed_max_mps = 35;        // the greatest speed of a device; 0: no limit, so no fix is an outlier
  double accuracy_default_m = 5;    // of a fix without an accuracy
};

/// Which fixes are outliers, by index, increasing.
///
/// fixes  of one device, strictly increasing in time. Each is compared with its two neighbours in the list, so of a
///        part of a device's fixes the first and the last one need a neighbour that is not asked for; what has no
///        neighbour on a side is no outlier.
///
/// A fix is an outlier if its neighbours, outliers or not, are each at most `bridge` away, the speeds to it and from it
/// exceed `speed_max_mps`, and the speed between its neighbours does not. Both accuracies are subtracted from each
/// distance. So whether a fix is one depends on three fixes only. O(fixes), without a sine where devices are slow.
std::vector<std::size_t> outliers_of(std::span<const PathFix> fixes, const OutlierRules& rules);

/// Removes the fixes at increasing indices from a list, and returns them.
std::vector<PathFix> take_out(std::vector<PathFix>& fixes, std::span<const std::size_t> indices);

/// Whether `to`, the next fix after `from`, is at most `bridge` later, and the speed between them exceeds
/// `speed_max_mps`. A fix is an outlier only if this holds on both its sides.
bool is_leap(const PathFix& from, const PathFix& to, const OutlierRules& rules);

}  // namespace packwalk
