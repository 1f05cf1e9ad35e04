// Parsers of values on the command line of `packwalk replay`.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"

namespace packwalk {

/// `max` (0) or a number above 0.
std::optional<double> speed_from(std::string_view text);

/// `5%` or `0.05`, from 0 to 1.
std::optional<double> whole_share_from(std::string_view text);

/// `30s`, `5m`, `8h`, `30`: seconds, 0 or more and less than a year.
std::optional<double> duration_seconds_from(std::string_view text);

struct HoldBack {
  double share = 0;
  double seconds = 0;
};

/// `2%x8h`.
std::optional<HoldBack> hold_back_from(std::string_view text);

}  // namespace packwalk
