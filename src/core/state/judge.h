// Verdicts: which of the messages with equal keys is accepted, and what the others are.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/packet/message.h"

namespace packwalk {

/// What stands under a key after a claim: the claimed content itself (`won`), or what was there before.
struct Standing {
  bool won = false;
  ContentHash hash = 0;  // as it was stored with it
  /// Of the content that stands, where that can be read: it may have been stored when hashes were made otherwise.
  std::optional<ContentHash> hash_now = std::nullopt;

  bool is_of(ContentHash content) const { return hash_now.value_or(hash) == content; }
};

/// The claims that a batch of messages makes, one a key: the first valid message with it, in the order of the queue.
class Claims {
 public:
  /// Messages in the order of the queue. O(n log n).
  explicit Claims(std::span<const Message> messages);

  /// Indexes into the messages, one a key, by (device, family, timestamp).
  std::span<const std::size_t> claimants() const { return claimants_; }

  /// A verdict for each message. `standings` answers `claimants()`, index by index.
  std::vector<Verdict> verdicts(std::span<const Message> messages, std::span<const Standing> standings) const;

 private:
  struct Claim {
    PacketKey key;
    std::size_t message;
  };
  std::vector<Claim> by_key_;  // every valid message, those of one key side by side, in the order of the queue
  std::vector<std::size_t> claimants_;
};

}  // namespace packwalk
