// A line with fewer points.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/geo/lat_lon.h"

namespace packwalk {

/// One point in this many is always kept, so that the worst line costs at most its length times this.
inline constexpr std::size_t simplified_block = 4096;

/// Which points of a line are kept, by index, increasing: the first, the last, every 4096th, and so many that no point
/// left out is farther than `tolerance_m` from the segment between the two kept ones around it.
///
/// Between two kept points the one farthest from their segment is kept when it is over `tolerance_m` away (of equal
/// ones the first), and so on in both parts (Ramer, Computer Graphics and Image Processing 1, 1972; Douglas and
/// Peucker, The Canadian Cartographer 10, 1973). Distances are metres between points and straight segments in
/// earth-centred coordinates at height 0, so that the antimeridian and the poles are like any other place. A segment of
/// length l is up to l²/8R deep under the ground (2 m at 10 km): by so much a long straight line counts as curved. O(n
/// log n) for most lines, O(n * simplified_block) for the worst.
std::vector<std::size_t> simplified(std::span<const LatLon> line, double tolerance_m);

}  // namespace packwalk
