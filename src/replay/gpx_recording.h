// Recorded tracks in a GPX file.
#pragma once

#include <string_view>

#include "base/result.h"
#include "replay/reading.h"

namespace packwalk::replay {

/// The `trkpt` of a GPX text in UTF-8 or the encoding that it declares, as each_row() gives them: lat, lon, `time`, and
/// of `ele`, `hdop`, or an `accuracy` anywhere in its extensions what can be read; names count without their prefix.
/// Where the names of tracks differ, each name is a device. A file that is damaged or cut short is read as far as it
/// goes, with a warning. With `rules.waypoints`, each `wpt` and `rtept` that has a time is read too.
/// Errc::invalid_input when the root is no `gpx`, or there is no point to read.
Result<Reading> each_gpx_row(std::string_view text, const ReadRules& rules, const TakeRow& take,
                             const TakeUnreadable& unreadable);

}  // namespace packwalk::replay
