// Random numbers that need not be secret.
#pragma once

#include <cstdint>
#include <random>

namespace packwalk {

/// 64 bits of the system's random source. Throws if that fails.
inline std::uint64_t random_bits() {
  std::random_device device;
  constexpr unsigned half = 32;
  return std::uint64_t{device()} << half | device();
}

/// The step between two states of SplitMix64.
inline constexpr std::uint64_t split_mix_step = 0x9e37'79b9'7f4a'7c15;

/// The output function of SplitMix64 (Steele, Lea, Flood 2014): different numbers for different states.
constexpr std::uint64_t split_mix(std::uint64_t state) {
  state = (state ^ state >> 30U) * 0xbf58'476d'1ce4'e5b9;
  state = (state ^ state >> 27U) * 0x94d0'49bb'1331'11eb;
  return state ^ state >> 31U;
}

}  // namespace packwalk
