// Times as people and phones write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/units.h"

namespace packwalk {

/// The second in which `text` lies: `2026-01-01T10:00:00.412Z`, with any number of decimals, cut off, and a zone `Z`,
/// `+01:00`, `-0700` or `+01`. Where a space stands for the T, the zone may be missing and then is UTC; elsewhere a
/// time without a zone is nothing, as nobody knows when it was. So is a day or an hour that does not exist.
std::optional<DeviceTime> time_from_iso(std::string_view text);

/// Seconds since 1970, or a time that time_from_iso() reads.
std::optional<DeviceTime> time_from_text(std::string_view text);

/// 2026-01-01T10:00:00Z
std::string iso_text(DeviceTime time);

}  // namespace packwalk
