// Replaces values that are not JSON, such as NaN, in a text with sound brackets.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace packwalk {

/// A JSON number as a double: 0 if it is too small, NaN if it is too large.
double double_of_json(std::string_view number);

/// The double of `text`; empty if it is not a number or too large. Otherwise like double_of_json().
std::optional<double> double_from(std::string_view text);

/// Bytes of a text that were replaced.
struct Hole {
  std::size_t from = 0;
  std::size_t size = 0;
  /// The value there; NaN if it is unreadable.
  double number = std::numeric_limits<double>::quiet_NaN();
};

/// A text of the same size as the original, so that offsets do not change.
struct MendedText {
  std::string text;
  std::vector<Hole> holes;  // in the order of the text; a replaced value begins with 0
};

/// Replaces within the outermost brackets: words and numbers that are not JSON or do not fit into a double, by 0; a
/// field without a value, by one with another name; in strings, bytes that are not UTF-8, control characters and
/// invalid escapes. Empty if the text has none of these, or more than 200,000. One pass, linear.
std::optional<MendedText> mended_json(std::string_view text);

}  // namespace packwalk
