// Decodes a kept message again from its bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/packet/decoded_body.h"
#include "core/packet/stored_message.h"

namespace packwalk {

/// Whether a message's hash is that of `content`, by the current or the former algorithm.
bool has_hash_of(const StoredMessage& message, const Content& content);

/// For messages of one device. The range of valid times, the status byte of phones and the correction of weeks are
/// those of the configuration at arrival, which the reason and the hash reveal. If the decoders now give another result
/// than at arrival and the stored one is the former, the result is the former.
class StoredMessageReader {
 public:
  /// The reading that fits the stored data, otherwise the first one.
  Content reading_of(const StoredMessage& message);

 private:
  std::vector<Content> readings_of(const StoredMessage& message, ServerTime received_at,
                                   Decoders decoders = Decoders::now) const;
  /// A message whose key existed is stored some microseconds later (find_keys.h), perhaps in the next second. If it has
  /// no time of its own, its fix still has the second before.
  std::optional<Content> reading_before_it_moved(const StoredMessage& message) const;
  /// Caches the status, which is the same for many messages.
  std::optional<Content> reading_with_another_status(const StoredMessage& message);

  std::uint8_t phone_status_ = 0;  // the status that fitted the last message from a phone
};

}  // namespace packwalk
