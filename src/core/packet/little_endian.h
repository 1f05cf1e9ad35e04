// Whole numbers in little-endian bytes, on any machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace packwalk {

template <class Integer>
void append_little_endian(std::string& bytes, Integer value) {
  const auto bits = static_cast<std::make_unsigned_t<Integer>>(value);
  for (std::size_t i = 0; i < sizeof(Integer); ++i) bytes.push_back(static_cast<char>((bits >> (8 * i)) & 0xff));
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
