// Finds what keeps a text from being JSON although its brackets are sound: values that no reader knows, such as NaN.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace packwalk {

/// A JSON number as a double: 0 where it is too small for one, not a number where it is too large.
double double_of_json(std::string_view number);

/// The double that `text` names; nothing where it is no number, or one too large. As double_of_json() otherwise.
std::optional<double> double_from(std::string_view text);

/// Bytes of a text that were replaced.
struct Hole {
  std::size_t from = 0;
  std::size_t size = 0;
  /// What stands there: not a number where nobody can read it.
  double number = std::numeric_limits<double>::quiet_NaN();
};

/// A text of the same size as the one that could not be read, so that every offset is the same in both.
struct MendedText {
  std::string text;
  std::vector<Hole> holes;  // in the order of the text; where a value stood, it begins with 0
};

/// Replaces within the outermost brackets: words and numbers that JSON does not have, or that no double holds, by 0;
/// a field without a value by one with another name; in strings, bytes that are no UTF-8, control characters and
/// escapes that there are not. Nothing where there is none of these, or more than 200,000. One pass, linear.
std::optional<MendedText> mended_json(std::string_view text);

}  // namespace packwalk
