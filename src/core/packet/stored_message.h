// A message in the store.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "core/packet/message.h"

namespace packwalk {

struct StoredMessage {
  ServerTime received_at{};
  std::uint32_t ordinal = 0;
  Transport transport{};
  Verdict verdict{};
  std::string reason;
  ContentHash hash = 0;
  std::string content;
};

/// The end of a page of messages, in the order of arrival.
struct MessageCursor {
  ServerTime received_at{};
  std::uint32_t ordinal = 0;

  friend auto operator<=>(const MessageCursor&, const MessageCursor&) = default;
};
inline MessageCursor cursor_of(const StoredMessage& message) { return {message.received_at, message.ordinal}; }

}  // namespace packwalk
