// The result of decoding a request's body: its packets one by one, or the reason why it is unreadable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/packet/canonical_form.h"
#include "core/packet/packet.h"

namespace packwalk {

/// One message of a body: the range of its original bytes, and their content.
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

/// Either messages or `unreadable`, which means that no packet could be recognised.
struct DecodedBody {
  std::vector<DecodedMessage> messages;
  std::optional<Unreadable> unreadable;
  bool too_many = false;  // more packets than `packets_max`: the body must be refused
};

/// The current decoders, or the first ones, by which the first messages are read again.
enum class Decoders : std::uint8_t { now, first };

/// The rules that every decoder gets besides the bytes.
struct DecodeRules {
  TimeWindow believed;
  std::size_t packets_max = 0;
  bool is_part = false;  // a line or an element of a body, whose flaws concern only itself
  Decoders decoders = Decoders::now;
};

}  // namespace packwalk
