// What a decoder makes of the body of a request: its packets one by one, or why it cannot be read at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/packet/canonical_form.h"
#include "core/packet/packet.h"

namespace packwalk {

/// One message of a body: where its original bytes stand, and what they say.
struct DecodedMessage {
  std::size_t offset = 0;
  std::size_t size = 0;
  Content content;
  ContentHash hash = 0;  // decoders leave it; it is filled when the whole body is known
};

struct Unreadable {
  std::size_t byte_offset = 0;
  std::string reason;
};

/// Either messages or `unreadable`; the latter says that not one packet could be told from the bytes.
struct DecodedBody {
  std::vector<DecodedMessage> messages;
  std::optional<Unreadable> unreadable;
  bool too_many = false;  // more packets than `packets_max`: nothing may be taken
};

/// Decoders as they are, or as they were when the first messages were kept, which is how those are read again.
enum class Decoders : std::uint8_t { now, first };

/// What every decoder is told besides the bytes.
struct DecodeRules {
  TimeWindow believed;
  std::size_t packets_max = 0;
  bool is_part = false;  // a line or an element of a body: what is wrong with it is its own flaw
  Decoders decoders = Decoders::now;
};

}  // namespace packwalk
