// Verdicts: decides which of the messages with equal keys is accepted, and the verdicts of the others.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/packet/message.h"

namespace packwalk {

/// The content of a key after a claim: the claimed one (`won`), or an earlier one.
struct Standing {
  bool won = false;
  ContentHash hash = 0;  // the hash that was stored with it
  /// The former hash of the stored content, if it is readable: it may have been stored with that algorithm.
  std::optional<ContentHash> hash_now = std::nullopt;

  bool is_of(ContentHash content) const { return hash_now.value_or(hash) == content; }
};

/// The claims of a batch of messages, one per key: the first valid message with it, in the order of the queue.
class Claims {
 public:
  /// Messages in the order of the queue. O(n log n).
  explicit Claims(std::span<const Message> messages);

  /// Indexes into the messages, one per key, by (device, family, timestamp).
  std::span<const std::size_t> claimants() const { return claimants_; }

  /// A verdict per message. `standings` has the answers to `claimants()`, index by index.
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
