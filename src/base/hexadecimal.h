// Numbers in hexadecimal digits.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace packwalk {

inline constexpr std::string_view hexadecimal_digits = "0123456789abcdef";

/// 16 digits, the highest first.
constexpr std::array<char, 16> hexadecimal(std::uint64_t number) {
  std::array<char, 16> text{};
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit) {
    *digit = hexadecimal_digits[number & 15U];
    number >>= 4U;
  }
  return text;
}

}  // namespace packwalk
