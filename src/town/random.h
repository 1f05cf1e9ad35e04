// Seeded random numbers that are the same on every platform: those of <random>'s distributions are not.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>

namespace packwalk::town {

/// What a stream of random numbers is for. Each purpose, day and dog has its own, so that the draws of one never shift
/// those of another.
enum class Purpose : std::uint64_t { streets = 1, home, plan, wander, collar, receiver, upload, hold };

/// A stream of random numbers. Source: xoshiro256++ 1.0 and, for its start, SplitMix64 (D. Blackman, S. Vigna,
/// "Scrambled linear pseudorandom number generators", ACM TOMS 47, 2021).
class Random {
 public:
  /// The stream of `seed` that `purpose` and `names` (a day, a dog, ...) name.
  Random(std::uint64_t seed, Purpose purpose, std::initializer_list<std::uint64_t> names = {});

  std::uint64_t bits();
  /// 0 <= number < 1, a multiple of 2^-53.
  double uniform();
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Both ends included; low <= high.
  std::int64_t whole(std::int64_t low, std::int64_t high);
  bool chance(double probability) { return uniform() < probability; }
  /// Mean 0, variance 1. Source: G. E. P. Box, M. E. Muller, Ann. Math. Stat. 29, 1958.
  double normal();
  double exponential(double mean);

 private:
  std::array<std::uint64_t, 4> state_{};
  double spare_normal_ = 0;
  bool has_spare_ = false;
};

}  // namespace packwalk::town
