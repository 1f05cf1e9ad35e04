// Parsers of values on the command line of `packwalk simulate`.
#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "base/units.h"
#include "core/geo/lat_lon.h"

namespace packwalk {

/// `5%` or `0.05`.
std::optional<double> share_from(std::string_view text);
/// `30`, `30s`, `10m`, `8h`: seconds.
std::optional<double> seconds_from(std::string_view text);
/// `24`, `1.5h`, `90m`: hours, above 0.
std::optional<double> hours_from(std::string_view text);
/// `48.70,44.51`: latitude, longitude.
std::optional<LatLon> place_from(std::string_view text);
/// `5` or `1,30`: whole numbers, the lesser and the greater.
std::optional<std::pair<std::int64_t, std::int64_t>> range_from(std::string_view text);

}  // namespace packwalk
