// Cuts the fixes of a device into tracks.
#pragma once

#include <span>
#include <vector>

#include "core/track/track.h"

namespace packwalk {

/// The tracks of one device, in the order of time.
///
/// fixes   of one device, strictly increasing in time, without outliers
/// sleeps  the times of its accepted sleep samples, increasing
///
/// A track is a maximal run of fixes with no gap over `gap` between neighbours and no sleep strictly between two.
/// Its length and the time it moved are those of an Odometer. The box is the narrowest along the path: it may cross
/// the antimeridian, and has all longitudes where the path goes round a pole.
/// O(fixes + sleeps).
std::vector<Track> tracks_of(std::span<const PathFix> fixes, std::span<const DeviceTime> sleeps,
                             const TrackRules& rules);

/// Whether each fix and the next one belong to one track; of the last one: no.
std::vector<bool> joined_to_next(std::span<const PathFix> fixes, std::span<const DeviceTime> sleeps,
                                 const TrackRules& rules);

}  // namespace packwalk
