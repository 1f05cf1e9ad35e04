#include "core/state/judge.h"

#include <algorithm>
#include <cassert>
#include <tuple>

namespace packwalk {

Claims::Claims(std::span<const Message> messages) {
  by_key_.reserve(messages.size());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (const auto key = key_of(messages[i])) by_key_.push_back({*key, i});
  }
  const auto before = [](const Claim& a, const Claim& b) {
    return std::tie(a.key, a.message) < std::tie(b.key, b.message);
  };
  if (!std::is_sorted(by_key_.begin(), by_key_.end(), before)) std::sort(by_key_.begin(), by_key_.end(), before);
  for (std::size_t i = 0; i < by_key_.size(); ++i) {
    if (i == 0 || by_key_[i].key != by_key_[i - 1].key) claimants_.push_back(by_key_[i].message);
  }
}

std::vector<Verdict> Claims::verdicts(std::span<const Message> messages, std::span<const Standing> standings) const {
  assert(standings.size() == claimants_.size());
  std::vector<Verdict> verdicts(messages.size(), Verdict::invalid);
  std::size_t claim = 0;
  for (std::size_t i = 0; i < by_key_.size(); ++i) {
    if (i > 0 && by_key_[i].key != by_key_[i - 1].key) ++claim;
    const std::size_t message = by_key_[i].message;
    if (message == claimants_[claim] && standings[claim].won) {
      verdicts[message] = Verdict::accepted;
    } else {
      verdicts[message] = standings[claim].is_of(messages[message].hash) ? Verdict::duplicate : Verdict::conflict;
    }
  }
  return verdicts;
}

}  // namespace packwalk
