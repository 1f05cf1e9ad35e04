// Recorded tracks in a GPX file: one device.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "replay/recording.h"

namespace packwalk::replay {

/// Every `trkpt`: lat, lon, `ele`, `time`; what has no time, or numbers that cannot be read, is unreadable.
/// Errc::invalid_input when it is no XML, or its root is no `gpx`.
Result<Recording> read_gpx(std::string_view text, const std::string& device);

}  // namespace packwalk::replay
