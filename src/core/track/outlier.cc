#include "core/track/outlier.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "core/geo/ecef.h"

namespace packwalk {
namespace {

/// No less than the chord: the way along a meridian and then along a parallel, in the longest degrees of the ellipsoid.
double chord_at_most(const LatLon& a, const LatLon& b) {
  constexpr double meridian_degree_m = 111'695;
  constexpr double parallel_degree_m = 111'320;
  const double turn = std::abs(a.longitude() - b.longitude());
  return std::abs(a.latitude() - b.latitude()) * meridian_degree_m + std::min(turn, 360 - turn) * parallel_degree_m;
}

double accuracy_of(const PathFix& fix, const OutlierRules& rules) {
  const double told = fix.accuracy.value_or(0);
  return told > 0 ? told : rules.accuracy_default_m;
}

bool is_too_fast(const PathFix& from, const PathFix& to, const OutlierRules& rules) {
  const auto seconds = static_cast<double>((to.timestamp - from.timestamp).count());
  const double reach_m = rules.speed_max_mps * seconds + accuracy_of(from, rules) + accuracy_of(to, rules);
  return chord_at_most(from.position, to.position) > reach_m && chord(from.position, to.position) > reach_m;
}

}  // namespace

bool is_leap(const PathFix& from, const PathFix& to, const OutlierRules& rules) {
  return rules.speed_max_mps > 0 && to.timestamp - from.timestamp <= rules.bridge && is_too_fast(from, to, rules);
}

std::vector<std::size_t> outliers_of(std::span<const PathFix> fixes, const OutlierRules& rules) {
  std::vector<std::size_t> outliers;
  bool leapt = false;
  for (std::size_t i = 0; i + 1 < fixes.size(); ++i) {
    assert(fixes[i].timestamp < fixes[i + 1].timestamp);
    const bool leaps = is_leap(fixes[i], fixes[i + 1], rules);
    if (leapt && leaps && !is_too_fast(fixes[i - 1], fixes[i + 1], rules)) outliers.push_back(i);
    leapt = leaps;
  }
  return outliers;
}

std::vector<PathFix> take_out(std::vector<PathFix>& fixes, std::span<const std::size_t> indices) {
  std::vector<PathFix> taken;
  if (indices.empty()) return taken;
  assert(std::is_sorted(indices.begin(), indices.end()) && indices.back() < fixes.size());
  auto next = indices.begin();
  std::size_t kept = *next;
  for (std::size_t i = kept; i < fixes.size(); ++i) {
    if (next != indices.end() && *next == i) {
      taken.push_back(fixes[i]);
      ++next;
    } else {
      fixes[kept++] = fixes[i];
    }
  }
  fixes.resize(kept);
  return taken;
}

}  // namespace packwalk
