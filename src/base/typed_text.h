// Normalises numbers and times from keyboards, locales and URLs.
#pragma once

#include <string>
#include <string_view>

namespace packwalk {

/// `text` with the decimal digits of other scripts (Arabic, Persian, Devanagari, Thai ..) as 0 to 9, and their decimal
/// separator and minus sign as `.` and `-`. Marks of the direction of writing are left out.
std::string with_ascii_digits(std::string_view text);

/// A time whose `+` before the zone was not escaped in a query, where it stands for a space: `..10:00:00 01:00` with
/// its plus again. Any other text as it is.
std::string with_plus_before_zone(std::string_view time);

}  // namespace packwalk
