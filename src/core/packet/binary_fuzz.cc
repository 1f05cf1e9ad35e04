// Fuzzes the binary form.
#include "core/packet/fuzz_rules.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace packwalk;
  const std::string_view body = fuzz::view(data, size);
  const DecodedBody decoded = decode_binary(body, fuzz::rules);
  fuzz::check(body, decoded);
  std::size_t end = 0;
  for (const DecodedMessage& message : decoded.messages) {
    fuzz::require(message.offset == end, "records leave no gap");
    end += message.size;
    const DecodedBody one = decode_binary(body.substr(message.offset, message.size), fuzz::rules);
    fuzz::require(one.unreadable ? end == size && std::holds_alternative<Flaw>(message.content)
                                 : one.messages.size() == 1 && one.messages[0].content == message.content,
                  "a record says the same alone; only the rest of a body may not be one");
    const auto* track = std::get_if<TrackPacket>(&message.content);
    if (track && body[message.offset] == 0x11) {
      fuzz::require(encode_wide(*track) == body.substr(message.offset, message.size), "a wide record is written back");
    }
  }
  fuzz::require(decoded.unreadable || decoded.too_many || end == size, "records fill the body");
  return 0;
}
