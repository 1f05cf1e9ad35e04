// Writes numbers as characters into the caller's buffer, without allocation.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>

namespace packwalk {

/// Enough room for any number.
inline constexpr std::size_t number_bytes_max = 400;

/// Each writes at `to` and returns the end.
inline char* put_number(char* to, std::int64_t value) { return std::to_chars(to, to + number_bytes_max, value).ptr; }

/// The shortest text that reads back as `value`, which must be finite.
inline char* put_number(char* to, double value) { return std::to_chars(to, to + number_bytes_max, value).ptr; }

/// With `decimals` (1 to 9) decimals, rounded to the nearest; no minus before a value that is rounded to 0. Finite.
template <int decimals>
char* put_fixed(char* to, double value) {
  constexpr std::uint64_t scale = [] {
    std::uint64_t power = 1;
    for (int i = 0; i < decimals; ++i) power *= 10;
    return power;
  }();
  constexpr double exact_max = 9e15;  // a double has all whole numbers up to there
  if (std::abs(value) * static_cast<double>(scale) > exact_max) {
    return std::to_chars(to, to + number_bytes_max, value, std::chars_format::fixed, decimals).ptr;
  }
  const auto scaled = std::llround(value * static_cast<double>(scale));
  if (scaled < 0) *to++ = '-';
  const auto whole = static_cast<std::uint64_t>(scaled < 0 ? -scaled : scaled);
  to = std::to_chars(to, to + number_bytes_max, whole / scale).ptr;
  *to++ = '.';
  std::uint64_t rest = whole % scale;
  for (int i = decimals - 1; i >= 0; --i) {
    to[i] = static_cast<char>('0' + rest % 10);
    rest /= 10;
  }
  return to + decimals;
}

}  // namespace packwalk
