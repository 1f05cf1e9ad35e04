// Numbers, degrees and lengths as the fields of recorded tracks spell them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/time_text.h"
#include "base/units.h"

namespace packwalk::replay {

inline bool is_among(std::string_view word, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Nothing is told: empty, blank, -, NA, N/A, NaN, null, None, in any case.
bool is_missing(std::string_view text);

/// Finite, or nothing. Blanks around it and a plus do not matter, and a comma may stand for the point. Digits may be
/// those of other scripts (base/typed_text).
std::optional<double> finite_number_from(std::string_view text);

/// time_from_text() and time_from_texts(), with the digits of other scripts too.
std::optional<DeviceTime> time_in(std::string_view text, const TimeSpelling& spelling);
std::optional<DeviceTime> time_in(std::string_view date, std::string_view clock, const TimeSpelling& spelling);

enum class Axis : std::uint8_t { latitude, longitude };

/// 1 for N and E, -1 for S and W, in either case and alone; empty for a letter of the other axis.
std::optional<int> hemisphere_from(std::string_view text, Axis axis);

/// Decimal degrees: 50.1, -8,1, 50.1N, S50.1, 8.1° W. Nothing when a letter is of the other axis or stands beside a
/// sign.
std::optional<double> degrees_from(std::string_view text, Axis axis);

/// The radius of 68 % in metres at a horizontal dilution of precision: that times 5 m, what a good receiver has at 1.
/// Unknown when it is no number above 0.
MaybeMeters accuracy_of_hdop(std::string_view text);

/// 102, 98.470 m; unknown when it is anything else.
MaybeMeters meters_from(std::string_view text);

}  // namespace packwalk::replay
