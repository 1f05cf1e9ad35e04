// The messages of the queue that are here, until each of their uploads is settled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace packwalk::rabbitmq {

using PackNumber = std::uint64_t;

/// What to tell the broker of messages that ended.
struct Acknowledgements {
  std::uint64_t up_to = 0;  // all up to this tag, which to the broker is one act; 0: none
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
  /// One of its uploads is settled; with the last of them the message ends. Nothing for a number of a lost link.
  void settle_one(PackNumber number, bool is_poison);

  bool has_ended() const { return !ended_.empty(); }
  /// Of all that ended since. `oldest_elsewhere`: the least tag of a message that is not acknowledged and not here.
  Acknowledgements take_ended(std::uint64_t oldest_elsewhere);

  /// The link is lost, and the broker gives all of them again.
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
