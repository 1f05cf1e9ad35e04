// A memory of keys that guesses at random.
#pragma once

#include <random>

#include "ports/seen_keys.h"

namespace packwalk {

class LyingSeenKeys final : public SeenKeys {
 public:
  explicit LyingSeenKeys(std::uint32_t seed) : random_(seed) {}

  std::vector<bool> guess(std::span<const PacketKey> keys) override {
    std::vector<bool> guesses(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) guesses[i] = random_() % 2 == 0;
    return guesses;
  }
  void remember(std::span<const PacketKey> /*keys*/) override {}

 private:
  std::minstd_rand random_;
};

}  // namespace packwalk
