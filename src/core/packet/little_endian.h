// Whole numbers in little-endian bytes, on any machine.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

namespace packwalk {

/// `bytes` is a string, or has its push_back().
template <class Integer, class Bytes>
void append_little_endian(Bytes& bytes, Integer value) {
  const auto bits = static_cast<std::make_unsigned_t<Integer>>(value);
  for (std::size_t i = 0; i < sizeof(Integer); ++i) bytes.push_back(static_cast<char>((bits >> (8 * i)) & 0xff));
}

/// The whole number nearest to `value` (halves away from zero), clamped to Integer.
template <class Integer, class Bytes>
void append_rounded(Bytes& bytes, double value) {
  using Limits = std::numeric_limits<Integer>;
  append_little_endian(bytes,
                       static_cast<Integer>(std::clamp<double>(std::round(value), Limits::min(), Limits::max())));
}

/// `offset + sizeof(Integer)` must lie within `bytes`.
template <class Integer>
Integer read_little_endian(std::string_view bytes, std::size_t offset) {
  std::make_unsigned_t<Integer> bits = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    bits = static_cast<std::make_unsigned_t<Integer>>(
        bits | (std::uint64_t{static_cast<std::uint8_t>(bytes[offset + i])} << (8 * i)));
  }
  return static_cast<Integer>(bits);
}

}  // namespace packwalk
