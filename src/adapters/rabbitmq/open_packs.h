// The messages that this process holds until all their uploads are settled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace packwalk::rabbitmq {

using PackNumber = std::uint64_t;

/// The answers to the broker for completed messages.
struct Acknowledgements {
  std::uint64_t up_to = 0;  // acknowledge all up to this tag at once; 0: none
  std::vector<std::uint64_t> single;
  std::vector<std::uint64_t> rejected;

  bool empty() const { return up_to == 0 && single.empty() && rejected.empty(); }
};

/// Of one link. One thread at a time.
class OpenPacks {
 public:
  /// `uploads`: at least one.
  PackNumber open(std::uint64_t tag, std::size_t uploads);
  bool is_open(PackNumber number) const { return packs_.contains(number); }
  /// Settles one of its uploads; the last one completes the message. Ignores a number of a lost link.
  void settle_one(PackNumber number, bool is_poison);

  bool has_ended() const { return !ended_.empty(); }
  /// The answers for all messages completed since the last call. `oldest_elsewhere` is the least tag of an
  /// unacknowledged message that is not here.
  Acknowledgements take_ended(std::uint64_t oldest_elsewhere);

  /// The link is lost, and the broker redelivers all of them.
  void lose();

 private:
  struct Pack {
    std::uint64_t tag = 0;
    std::size_t unsettled = 0;  // uploads
    bool poisoned = false;
  };

  std::map<PackNumber, Pack> packs_;
  PackNumber last_ = 0;
  std::vector<Pack> ended_;  // to be acknowledged or rejected
};

}  // namespace packwalk::rabbitmq
