#include "adapters/rabbitmq/open_packs.h"

#include <algorithm>
#include <cassert>

namespace packwalk::rabbitmq {

PackNumber OpenPacks::open(std::uint64_t tag, std::size_t uploads) {
  assert(uploads > 0);
  packs_[++last_] = {tag, uploads};
  return last_;
}

void OpenPacks::settle_one(PackNumber number, bool is_poison) {
  const auto pack = packs_.find(number);
  if (pack == packs_.end()) return;
  pack->second.poisoned |= is_poison;
  if (--pack->second.unsettled > 0) return;
  ended_.push_back(pack->second);
  packs_.erase(pack);
}

Acknowledgements OpenPacks::take_ended(std::uint64_t oldest_elsewhere) {
  std::uint64_t oldest_open = oldest_elsewhere;
  for (const auto& [number, pack] : packs_) oldest_open = std::min(oldest_open, pack.tag);
  Acknowledgements told;
  for (const Pack& pack : ended_) {
    if (pack.poisoned) {
      told.rejected.push_back(pack.tag);
    } else if (pack.tag < oldest_open) {
      told.up_to = std::max(told.up_to, pack.tag);
    } else {
      told.single.push_back(pack.tag);
    }
  }
  ended_.clear();
  return told;
}

void OpenPacks::lose() {
  packs_.clear();
  ended_.clear();
}

}  // namespace packwalk::rabbitmq
