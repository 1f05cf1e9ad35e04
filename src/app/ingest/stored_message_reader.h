// What a kept message says, read anew from its bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/packet/decoded_body.h"
#include "core/packet/stored_message.h"

namespace packwalk {

/// Whether a message's hash is that of `content`, made as it is now or as it was made at first.
bool has_hash_of(const StoredMessage& message, const Content& content);

/// For messages of one device. A time that was not believed on arrival and the status byte of phones are as they were
/// configured then, and so are weeks that were added to a time: the reason, and the hash, tell them. What the decoders
/// say otherwise than they did at first is as they said it then, if that is what is stored.
class StoredMessageReader {
 public:
  /// The reading that fits what is stored, or else the first.
  Content reading_of(const StoredMessage& message);

 private:
  std::vector<Content> readings_of(const StoredMessage& message, ServerTime received_at,
                                   Decoders decoders = Decoders::now) const;
  /// A message whose time was taken is kept some microseconds later (find_keys.h), perhaps in the next second: where
  /// it tells no time of its own, its fix is still of the second before.
  std::optional<Content> reading_before_it_moved(const StoredMessage& message) const;
  /// That status is remembered: it is the same for many messages.
  std::optional<Content> reading_with_another_status(const StoredMessage& message);

  std::uint8_t phone_status_ = 0;  // that the last phone's message fitted
};

}  // namespace packwalk
