// Fuzzes the form of one JSON object a line.
#include "core/packet/fuzz_rules.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace packwalk;
  const std::string_view body = fuzz::view(data, size);
  const DecodedBody decoded = decode_ndjson(body, fuzz::rules);
  fuzz::check(body, decoded);
  for (const DecodedMessage& message : decoded.messages) {
    const std::string_view line = body.substr(message.offset, message.size);
    fuzz::require(line.find('\n') == std::string_view::npos, "a message is within one line");
    if (std::holds_alternative<Flaw>(message.content)) continue;
    const DecodedBody one = decode_json(line, fuzz::rules);
    fuzz::require(one.messages.size() == 1 && one.messages[0].content == message.content, "a line is JSON");
  }
  return 0;
}
