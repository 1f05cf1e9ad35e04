#include "town/random.h"

#include <bit>
#include <cmath>
#include <numbers>

#include "base/random_bits.h"

namespace packwalk::town {

Random::Random(std::uint64_t seed, Purpose purpose, std::initializer_list<std::uint64_t> names) {
  std::uint64_t key =
      split_mix(split_mix(seed + split_mix_step) + static_cast<std::uint64_t>(purpose) * split_mix_step);
  for (const std::uint64_t name : names) key = split_mix(key + split_mix(name + split_mix_step) + split_mix_step);
  for (std::uint64_t& word : state_) word = split_mix(key += split_mix_step);
}

std::uint64_t Random::bits() {
  const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Random::uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }

std::int64_t Random::whole(std::int64_t low, std::int64_t high) {
  const std::uint64_t count = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
  if (count == 0) return static_cast<std::int64_t>(bits());
  const std::uint64_t unfair = (0 - count) % count;  // 2^64 mod count: the draws below it would favour some numbers
  std::uint64_t drawn = bits();
  while (drawn < unfair) drawn = bits();
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + drawn % count);
}

double Random::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_normal_;
  }
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  const double angle = 2 * std::numbers::pi * uniform();
  spare_normal_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

double Random::exponential(double mean) { return -mean * std::log(1 - uniform()); }

}  // namespace packwalk::town
